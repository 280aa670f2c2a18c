import { setTimeout as delay } from 'node:timers/promises'
import { KompressorError } from '../errors/index.ts'
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
  /** Between two questions, milliseconds. Default 5 s. */
  intervalMs?: number
}

/** How long an answer may take, milliseconds. */
const deadlineMs = 5_000

/**
 * Asks the API every few seconds what has become unwanted, and answers from what it heard last: work goes on when the API
 * is down, and what is then done in vain is dropped where results are folded.
 */
export function startHttpControl(options: HttpControlOptions): Control & { stop(): Promise<void> } {
  const { apiUrl, jobUid, token, logger, intervalMs = 5_000 } = options
  const url = `${apiUrl}/internal/jobs/${encodeURIComponent(jobUid)}/control`
  const stopping = new AbortController()
  let etag: string | undefined
  let unwanted: ReadonlySet<string> = new Set()
  let isDown = false

  async function ask(): Promise<void> {
    const headers = { authorization: `Bearer ${token}`, ...(etag !== undefined && { 'if-none-match': etag }) }
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(deadlineMs)])
    const response = await fetch(url, { headers, signal })
    if (response.status === 304) return
    if (!response.ok) {
      await response.body?.cancel()
      throw new KompressorError('internal', `${url} answered ${response.status}`)
    }
    const document: ControlDocument = parseControl(await response.json())
    unwanted = new Set([...document.batches, ...document.files])
    etag = response.headers.get('etag') ?? undefined
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await ask()
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
    stop: () => {
      stopping.abort()
      return running
    },
  }
}
