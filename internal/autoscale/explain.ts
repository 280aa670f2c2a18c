import type { Reason } from './decide.ts'

type Terms = Readonly<Record<string, number>> & { from: number; to: number }

/** The decision in one sentence. */
export function explain(reason: Reason, terms: Terms): string {
  const { from, to } = terms
  switch (reason) {
    case 'Fixed':
      return `${pods(to)} because spec.scaling.replicas says so.`
    case 'Suspended':
      return 'No pods, because the job is suspended.'
    case 'StaleData':
      return `Holding at ${pods(to)}: ${age(terms)}, and nothing is decided on old figures.`
    case 'Contradictory':
      return `Holding at ${pods(to)}: what the broker and the database say does not go together.`
    case 'ScaleUp':
      return `Up from ${from} to ${pods(to)}: ${work(terms)}.`
    case 'AtMaximum':
      return `${change(from, to)}, the most allowed: ${work(terms)}.`
    case 'ScaleDown':
      return `Down from ${from} to ${pods(to)}: that has been enough for some time, and ${work(terms)}.`
    case 'ToZero':
      return `Down from ${from} to none: nothing has been open for a while.`
    case 'AtMinimum':
      return `${pods(to)}, the fewest allowed: ${work(terms)}.`
    case 'Steady':
      return `${pods(to)} as before: ${work(terms)}.`
    case 'Stabilizing':
      return `Still ${pods(to)}: ${number(terms.wanted)} would do now, but ${number(terms.highest)} were needed a moment ago.`
    case 'WithinTolerance':
      return `Still ${pods(to)}: ${work(terms)}, little more than there is.`
    case 'PartitionBound':
      return `Still ${pods(to)}: every one of the ${number(terms.partitions)} partitions has all the slots it can use; more pods would idle.`
    case 'Throttled':
      return `Still ${pods(to)}: a store slows the workers down, and more of them would only make it slower.`
    case 'Limited':
      return `Still ${pods(to)}: spec.limits hold the workers back, and more of them would share the same.`
    case 'Degraded':
      return `Still ${pods(to)}: something the workers need does not answer, so that more of them would not help.`
  }
}

function work({ work, arrival, need, slots }: Terms): string {
  const arriving = arrival ? ` and ${number(arrival)} s more arrive each second` : ''
  return `${number(work)} s of work are waiting${arriving}, which takes ${number(need)} slots at ${number(slots)} a pod`
}

function change(from: number, to: number): string {
  if (from === to) return pods(to)
  return `${from < to ? 'Up' : 'Down'} from ${from} to ${pods(to)}`
}

function age({ ageSeconds }: Terms): string {
  return ageSeconds === undefined
    ? 'the figures cannot be read'
    : `the figures are ${number(ageSeconds)} s old`
}

function pods(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`
}

/** Three digits are as many as anybody wants. */
function number(value: number | undefined): string {
  if (value === undefined) return '?'
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}
