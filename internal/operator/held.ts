import type { Snapshot } from '../autoscale/index.ts'
import { isThrottled } from '../errors/index.ts'
import type { JobFigures } from '../store/index.ts'
import type { Judgement } from './conditions.ts'
import { limitedJudgement, notThrottled } from './limits.ts'
import type { CompressionJobSpec } from './schema/index.ts'
import { codeReason } from './trouble.ts'

/** What a store refused the workers when they last said how something ended. */
export type Held = NonNullable<JobFigures['held']>

/** The same to the scaling policy. Away is no reason to wait without a worker: nobody would find out that it has passed. */
export function heldSnapshot(
  held: Held | undefined,
  replicas: number,
): Pick<Snapshot, 'throttled' | 'degraded'> {
  const throttled = held !== undefined && isThrottled(held.code)
  return { throttled, degraded: replicas > 0 && held !== undefined && !throttled }
}

/** Throttled and Degraded as the workers see it: more of them would help with neither. */
export function heldUp({
  held,
  limited,
  spec,
}: {
  held: Held | undefined
  /** Its limits hold the workers back. */
  limited: boolean
  spec: Pick<CompressionJobSpec, 'limits'>
}): Judgement[] {
  const judgements: Judgement[] = [throttling(held) ?? (limited ? limitedJudgement(spec) : notThrottled)]
  if (held !== undefined && !isThrottled(held.code)) {
    const reason = codeReason(held.code)
    const message = `${held.message}. What was refused is tried again, with longer and longer pauses, and uses up no attempt.`
    judgements.push({ type: 'Degraded', status: true, reason, message })
  }
  return judgements
}

function throttling(held: Held | undefined): Judgement | undefined {
  if (held === undefined || !isThrottled(held.code)) return undefined
  return {
    type: 'Throttled',
    status: true,
    reason: codeReason(held.code),
    message: `${held.message}. No workers are added; what was refused is tried again and uses up no attempt of a store.`,
  }
}
