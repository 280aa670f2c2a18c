import { setTimeout as delay } from 'node:timers/promises'
import { KompressorError } from '../errors/index.ts'
import type { Limiter } from '../limits/index.ts'
import { type ControlDocument, parseControl } from '../messages/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { Control } from './control.ts'

export interface HttpControlOptions {
  /** Of the API, as this worker reaches it. */
  apiUrl: string
  jobUid: string
  /** Of this job. */
  token: string
  logger: Logger
  /** Set to the share of the job's limits that the API tells; it keeps the last one while nobody answers. */
  limiter?: Limiter
  /** Between two questions, milliseconds. Default 5 s. */
  intervalMs?: number
  /** How long `told` waits for the first answer, milliseconds. Default 10 s. */
  patienceMs?: number
}

export interface HttpControl extends Control {
  /** Resolves with the first answer, or when none came for a while: the API must not keep work from beginning. */
  readonly told: Promise<void>
  stop(): Promise<void>
}

/** How long an answer may take, milliseconds. */
const deadlineMs = 5_000
/** Share of the time that a pod has to be held back in for it to be said. */
const worthSaying = 0.5

/**
 * Asks the API every few seconds what has become unwanted and what may be asked of stores, and goes by what it heard last:
 * work goes on when the API is down, and what is then done in vain is dropped where results are folded.
 */
export function startHttpControl(options: HttpControlOptions): HttpControl {
  const { apiUrl, jobUid, token, logger, limiter, intervalMs = 5_000, patienceMs = 10_000 } = options
  const base = `${apiUrl}/internal/jobs/${encodeURIComponent(jobUid)}`
  const stopping = new AbortController()
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const patience = setTimeout(tell, patienceMs)
  let etag: string | undefined
  let unwanted: ReadonlySet<string> = new Set()
  let isDown = false

  async function send(method: 'GET' | 'PUT', path: string, headers: Record<string, string>) {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(deadlineMs)])
    const authorization = `Bearer ${token}`
    const response = await fetch(`${base}${path}`, { method, headers: { authorization, ...headers }, signal })
    if (response.ok || response.status === 304) return response
    await response.body?.cancel()
    throw new KompressorError('internal', `${base}${path} answered ${response.status}`)
  }

  async function ask(): Promise<void> {
    const response = await send('GET', '/control', etag === undefined ? {} : { 'if-none-match': etag })
    if (response.status === 304) return
    const document: ControlDocument = parseControl(await response.json())
    unwanted = new Set([...document.batches, ...document.files])
    limiter?.set(document.limits ?? {})
    etag = response.headers.get('etag') ?? undefined
  }

  /** More pods would share the same limits: who decides how many there are has to know. */
  async function sayWhenHeldBack(): Promise<void> {
    if (limiter !== undefined && limiter.heldBack() >= worthSaying) await send('PUT', '/limited', {})
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await ask()
        tell()
        await sayWhenHeldBack()
        if (isDown) logger.info('the API says again what is cancelled')
        isDown = false
      } catch (error) {
        if (stopping.signal.aborted) return
        if (!isDown) logger.warn({ error }, 'the API does not say what is cancelled; going on without')
        isDown = true
      }
      await delay(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    isUnwanted: async ({ batchId, fileId }) =>
      unwanted.has(batchId) || (fileId !== undefined && unwanted.has(fileId)),
    told: told.finally(() => clearTimeout(patience)),
    stop: () => {
      stopping.abort()
      tell()
      return running
    },
  }
}
