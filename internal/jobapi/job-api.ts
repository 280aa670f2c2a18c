import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { type ErrorCode, errorCodes, KompressorError } from '../errors/index.ts'
import type { EstimateSummary } from '../estimate/index.ts'
import {
  type Assignment,
  assignmentSchema,
  type JobTotals,
  type JobTrouble,
  jobTotalsSchema,
  type PlanPage,
  type PlanState,
  planStateSchema,
} from '../messages/index.ts'

export interface JobApiOptions {
  /** Of the API, as this pod reaches it. */
  apiUrl: string
  jobUid: string
  /** Of this job. */
  token: string
  signal: AbortSignal
  /** Milliseconds before a request that found nobody is made again: doubling from the first to the last. */
  backoffMs?: { first: number; last: number }
}

/** What the pods of a finite job ask of the API, and tell it. All of it may be said twice. */
export interface JobApi {
  describe(): Promise<Assignment>
  /** Where the plan is kept. */
  plan: { read(): Promise<PlanState>; add(page: PlanPage): Promise<PlanState> }
  totals(): Promise<JobTotals>
  /** Says what keeps it from going on. */
  tellTrouble(trouble: JobTrouble): Promise<void>
  /** Says what mode Estimate found. */
  tellEstimate(estimate: EstimateSummary): Promise<void>
  /** Says where the report is. */
  tellReport(key: string): Promise<void>
}

/** How long an answer may take, milliseconds. */
const deadlineMs = 30_000

const problemSchema = z.object({
  code: z.custom<ErrorCode>((value) => typeof value === 'string' && value in errorCodes),
  detail: z.string(),
})

/**
 * One job as the API knows it. Whatever might pass is tried again until the signal fires; what the API refuses is thrown
 * with its code.
 */
export function createJobApi(options: JobApiOptions): JobApi {
  const { apiUrl, jobUid, token, signal, backoffMs = { first: 500, last: 15_000 } } = options
  const base = `${apiUrl}/internal/jobs/${encodeURIComponent(jobUid)}`

  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    })
    const answer: unknown = response.status === 204 ? undefined : await response.json()
    if (response.ok) return answer
    const problem = problemSchema.safeParse(answer).data
    throw new KompressorError(
      problem?.code ?? 'internal',
      problem?.detail ?? `the API answered ${response.status}`,
    )
  }

  async function patiently(method: string, path: string, body?: object): Promise<unknown> {
    for (let wait = backoffMs.first; ; wait = Math.min(backoffMs.last, wait * 2)) {
      try {
        return await ask(method, path, body)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof KompressorError && !error.retryable) throw error
        await delay(wait, undefined, { signal })
      }
    }
  }

  return {
    describe: async () => assignmentSchema.parse(await patiently('GET', '')),
    plan: {
      read: async () => planStateSchema.parse(await patiently('GET', '/plan')),
      add: async (page) => planStateSchema.parse(await patiently('PUT', `/pages/${page.page}`, page)),
    },
    totals: async () => jobTotalsSchema.parse(await patiently('GET', '/totals')),
    tellTrouble: async (trouble) => void (await patiently('PUT', '/trouble', trouble)),
    tellEstimate: async (estimate) => void (await patiently('PUT', '/estimate', estimate)),
    tellReport: async (key) => void (await patiently('PUT', '/report', { key })),
  }
}
