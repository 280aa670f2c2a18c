import type { FiniteJob } from '../../store/index.ts'
import type { Judgement } from '../conditions.ts'
import { limitedJudgement, notThrottled } from '../limits.ts'
import type { CompressionJobSpec } from '../schema/index.ts'
import { codeReason } from '../trouble.ts'

/** What a store refused the workers when they last said how something ended. */
export type Held = NonNullable<FiniteJob['job']['held']>

const slowing: ReadonlySet<string> = new Set(['storage_throttled', 'url_throttled'])

/** Whether it wants fewer requests; if not it is full, or away. */
export function isSlowing({ code }: Held): boolean {
  return slowing.has(code)
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
  if (held !== undefined && !isSlowing(held)) {
    const reason = codeReason(held.code)
    const message = `${held.message}. What was refused is tried again, with longer and longer pauses, and uses up no attempt.`
    judgements.push({ type: 'Degraded', status: true, reason, message })
  }
  return judgements
}

function throttling(held: Held | undefined): Judgement | undefined {
  if (held === undefined || !isSlowing(held)) return undefined
  return {
    type: 'Throttled',
    status: true,
    reason: codeReason(held.code),
    message: `${held.message}. No workers are added; what was refused is tried again and uses up no attempt of a store.`,
  }
}
