import type { Replayed } from '../../autoscale/index.ts'
import { plural, printable } from '../terminal/format.ts'
import type { Style } from '../terminal/output.ts'

/**
 * One line a decision: when, which job, from how many to how many pods, and why. Those that keep the number and are what
 * they were then are left out unless all are asked for; the last line counts.
 */
export function renderReplay(
  replayed: readonly Replayed[],
  { all, style }: { all: boolean; style: Pick<Style, 'dim' | 'bold'> },
): string[] {
  const differs = ({ recorded, decision }: Replayed) => recorded.replicas !== decision.replicas
  const news = ({ recorded, decision }: Replayed) => recorded.snapshot.replicas !== decision.replicas
  const lines = replayed
    .filter((one) => all || differs(one) || news(one))
    .map((one) => {
      const { recorded, decision } = one
      const when = recorded.time ?? `${Math.round(recorded.snapshot.at / 1000)} s`
      const then = differs(one) ? style.bold(` (then ${recorded.replicas})`) : ''
      const change = `${recorded.snapshot.replicas} → ${decision.replicas}`
      return `${style.dim(printable(when))}  ${printable(recorded.job)}  ${change}${then}  ${decision.sentence}`
    })
  const others = replayed.filter(differs).length
  const verdict = others === 0 ? 'all as they were then' : `${others} not as they were then`
  return [...lines, `${plural(replayed.length, 'decision')}, ${verdict}.`]
}
