import type { CompressionJobSpec, Condition } from '../schema/index.ts'

export type Verdict = 'GoOn' | 'Suspend' | 'Fail'

export interface Ended {
  done: number
  failed: number
}

/**
 * What the failure policy makes of a job:
 *
 *     too few done, or failures within bounds ──▶ go on
 *     too many failed ──▶ Suspend | Fail, as the spec says
 *
 * A job it has suspended stays so until somebody changes its spec: what was in hand may yet succeed and bring the share
 * down again, and a job that starts and stops by itself would go through the whole bucket after all.
 *
 * @param before conditions of the status, with the generation they were judged by
 */
export function judgeFailures(
  { maxFailedPercent, minFiles, action }: CompressionJobSpec['failurePolicy'],
  { done, failed }: Ended,
  { before, generation }: { before: readonly Condition[] | undefined; generation: number | undefined },
): Verdict {
  const stopped = before?.find(({ type }) => type === 'Progressing')
  if (stopped?.reason === stoppedByPolicy && stopped.observedGeneration === generation) return action
  return done >= minFiles && failed > (done * maxFailedPercent) / 100 ? action : 'GoOn'
}

/** Reason of Progressing while the policy holds a job. */
export const stoppedByPolicy = 'FailurePolicy'
