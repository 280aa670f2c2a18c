import type { Condition, ConditionType } from './schema/index.ts'

export interface Judgement {
  type: ConditionType
  status: boolean | undefined
  reason: string
  message: string
}

/** The conditions with these judgements in them. Times change only where a status does; others stay as they are. */
export function judged(
  before: readonly Condition[] | undefined,
  judgements: readonly Judgement[],
  { now, generation }: { now: Date; generation: number | undefined },
): Condition[] {
  const conditions = new Map((before ?? []).map((condition) => [condition.type, condition]))
  for (const { type, status, reason, message } of judgements) {
    const word = status === undefined ? 'Unknown' : status ? 'True' : 'False'
    const old = conditions.get(type)
    conditions.set(type, {
      type,
      status: word,
      reason,
      message,
      lastTransitionTime: old?.status === word ? old.lastTransitionTime : now.toISOString(),
      ...(generation !== undefined && { observedGeneration: generation }),
    })
  }
  return [...conditions.values()]
}

/** Reasons of ScalingActive that come and go with the figures: the number of pods stays. */
const quiet = new Set(['Steady', 'Stabilizing', 'WithinTolerance', 'AtMinimum'])

/** Whether a transition is news to the people who look at the job: not that something is, at first, as it should be. */
export function isNews(
  { type, status, reason }: Condition,
  before: readonly Condition[] | undefined,
): boolean {
  if (type === 'ScalingActive') return !quiet.has(reason)
  const known = before?.some((condition) => condition.type === type) ?? false
  if (type === 'Notified') return known || status === 'False'
  return type === 'Ready' || known || (status === 'True' && type !== 'Progressing')
}

/** Conditions whose status or reason is another one now. */
export function transitions(
  before: readonly Condition[] | undefined,
  after: readonly Condition[],
): Condition[] {
  return after.filter((condition) => {
    const old = before?.find(({ type }) => type === condition.type)
    return old?.status !== condition.status || old.reason !== condition.reason
  })
}
