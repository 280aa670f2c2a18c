import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger, Metrics } from '../telemetry/index.ts'
import { type Checks, runChecks } from './checks.ts'

/** Answers /healthz, /readyz and /metrics, for processes that serve nothing else. The caller lets it listen and closes it. */
export function createHealthServer(deps: { checks: Checks; metrics: Metrics; logger: Logger }): Server {
  return createServer((request, response) => {
    answer(deps, request, response).catch((error: unknown) => {
      deps.logger.error({ error }, 'a probe could not be answered')
      response.destroy()
    })
  })
}

async function answer(
  { checks, metrics }: { checks: Checks; metrics: Metrics },
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, type: string, body: string) =>
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  if (method !== 'GET' && method !== 'HEAD') send(405, 'text/plain', 'only GET and HEAD\n')
  else if (url === '/healthz') send(200, 'text/plain', 'ok\n')
  else if (url === '/readyz') {
    const readiness = await runChecks(checks)
    send(readiness.ready ? 200 : 503, 'application/json', JSON.stringify(readiness))
  } else if (url === '/metrics') {
    const { contentType, body } = await metrics.scrape()
    send(200, contentType, body)
  } else send(404, 'text/plain', 'there are /healthz, /readyz and /metrics\n')
}
