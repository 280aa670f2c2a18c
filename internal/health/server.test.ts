import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger, createMetrics } from '../telemetry/index.ts'
import { type Checks, createHealthServer } from './index.ts'

async function serve(checks: Checks): Promise<string> {
  const logger = createLogger({ level: 'silent', format: 'json', destination: { write: () => undefined } })
  const server = createHealthServer({ checks, metrics: createMetrics({ processMetrics: false }), logger })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

test('a process is alive whatever its checks say, and ready when all of them pass', async () => {
  let fault: Error | undefined
  const url = await serve({
    broker: async () => undefined,
    database: async () => {
      if (fault !== undefined) throw fault
    },
  })
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  fault = new Error('the database cannot be reached')
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const refused = await fetch(`${url}/readyz`)
  expect(refused.status).toBe(503)
  expect(await refused.json()).toEqual({ ready: false, checks: { broker: 'ok', database: fault.message } })
})

test('a check that hangs makes the process unready, in time', async () => {
  const url = await serve({ broker: () => new Promise(() => undefined) })
  const response = await fetch(`${url}/readyz`)
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ checks: { broker: 'no answer within 2000 ms' } })
})

test('metrics are there, and nothing else is', async () => {
  const url = await serve({})
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('kompressor_files')
  expect((await fetch(`${url}/v1/files`)).status).toBe(404)
  expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(405)
})
