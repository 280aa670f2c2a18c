import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { type ErrorCode, errorCodes, KompressorError } from '../errors/index.ts'
import { type PlanState, planStateSchema } from '../messages/index.ts'
import type { PlanSink } from './planner.ts'

export interface HttpSinkOptions {
  /** Of the API, as this planner reaches it. */
  apiUrl: string
  jobUid: string
  /** Of this job. */
  token: string
  signal: AbortSignal
  /** Milliseconds before a request that found nobody is made again: doubling from the first to the last. */
  backoffMs?: { first: number; last: number }
}

/** How long an answer may take, milliseconds. */
const deadlineMs = 30_000

const problemSchema = z.object({
  code: z.custom<ErrorCode>((value) => typeof value === 'string' && value in errorCodes),
  detail: z.string(),
})

/**
 * The plan of a job behind the API. Pages may be sent twice, so whatever might pass is tried again until the signal fires;
 * what the API refuses is thrown with its code.
 */
export function httpPlanSink(options: HttpSinkOptions): PlanSink {
  const { apiUrl, jobUid, token, signal, backoffMs = { first: 500, last: 15_000 } } = options
  const base = `${apiUrl}/internal/jobs/${encodeURIComponent(jobUid)}`

  async function ask(path: string, init: RequestInit): Promise<PlanState> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`${base}${path}`, {
      ...init,
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    })
    const body: unknown = await response.json()
    if (response.ok) return planStateSchema.parse(body)
    const problem = problemSchema.safeParse(body).data
    throw new KompressorError(
      problem?.code ?? 'internal',
      problem?.detail ?? `the API answered ${response.status}`,
    )
  }

  async function patiently(path: string, init: RequestInit): Promise<PlanState> {
    for (let wait = backoffMs.first; ; wait = Math.min(backoffMs.last, wait * 2)) {
      try {
        return await ask(path, init)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof KompressorError && !error.retryable) throw error
        await delay(wait, undefined, { signal })
      }
    }
  }

  return {
    read: () => patiently('/plan', { method: 'GET' }),
    add: (page) => patiently(`/pages/${page.page}`, { method: 'PUT', body: JSON.stringify(page) }),
  }
}
