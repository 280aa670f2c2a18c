import type { EventRow } from '../../store/index.ts'
import { type ApiApp, type ApiContext, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { streamed } from '../http/stream.ts'
import { checkPosition, feed } from './feed.ts'
import { streamEventsRoute } from './routes.ts'
import { renderEvent } from './schema.ts'

/** Proxies close connections that are silent for 30 to 60 s. */
const heartbeatMs = 15_000

export function eventRoutes(app: ApiApp, services: Services): void {
  app.openapi(
    streamEventsRoute,
    async (c) => {
      const { id: batchId } = c.req.valid('param')
      const after = c.req.valid('header')['last-event-id'] ?? c.req.valid('query').lastEventId ?? 0
      const place = { tenantId: tenantOf(c.env.incoming), batchId, after }
      await checkPosition(services.store.db, place)
      const headers = {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        // nginx would collect events until its buffer is full.
        'x-accel-buffering': 'no',
      }
      if (c.req.method === 'HEAD') return new Response(null, { headers })
      return new Response(streamed(c, messages(c, services, place)), { headers })
    },
    faults(streamEventsRoute),
  )
}

async function* messages(
  c: ApiContext,
  services: Services,
  place: { tenantId: string; batchId: string; after: number },
): AsyncGenerator<Uint8Array> {
  const { store, hub, metrics, closing, publicUrl } = services
  const { outgoing } = c.env
  if (outgoing.destroyed) return
  const gone = new AbortController()
  const leave = () => gone.abort()
  outgoing.once('close', leave)
  metrics.httpConnections.inc({ kind: 'sse' })
  try {
    yield Buffer.from('retry: 2000\n\n')
    const signal = AbortSignal.any([gone.signal, closing])
    for await (const page of feed({ db: store.db, hub }, { ...place, heartbeatMs, signal })) {
      yield Buffer.from(
        page.length === 0 ? ': still here\n\n' : page.map((row) => message(row, publicUrl())).join(''),
      )
    }
  } finally {
    outgoing.off('close', leave)
    metrics.httpConnections.dec({ kind: 'sse' })
  }
}

function message(row: EventRow, publicUrl: string): string {
  return `id: ${row.seq}\ndata: ${JSON.stringify(renderEvent(row, publicUrl))}\n\n`
}
