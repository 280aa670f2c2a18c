import type { Policy, View } from '../policy.ts'

/** DS2 as Flink's autoscaler runs it for one operator; names are its options'. */
export interface Ds2Settings {
  slots: number
  maxReplicas: number
  /** `metrics.window`, seconds. */
  window: number
  /** `target.utilization`. */
  utilization: number
  /** `target.utilization.boundary`: within it nothing is changed. */
  boundary: number
  /** `catch-up.duration`, seconds in which the backlog should be gone. */
  catchUp: number
  /** `stabilization.interval`, seconds without a decision after a change. */
  stabilization: number
}

/**
 * DS2 (Kalavri et al., OSDI 2018): parallelism = target rate / true processing rate of one instance, where the true rate
 * counts busy time only. Flink's JobVertexScaler adds the backlog over the catch-up duration to the target rate and
 * divides by the target utilisation; a rate within utilisation ± boundary changes nothing. Nothing measured: one pod.
 */
export function ds2(name: string, settings: Ds2Settings): Policy {
  return { name, family: 'DS2', start: () => ds2Controller(settings) }
}

function ds2Controller(settings: Ds2Settings): (view: View) => number {
  const { slots, maxReplicas, window, utilization, boundary, catchUp, stabilization } = settings
  let samples: { at: number; accepted: number; done: number; busySeconds: number }[] = []
  let changedAt = Number.NEGATIVE_INFINITY
  let idleSince: number | undefined
  return ({ at, answers, accepted, done, busySeconds, openTasks, exactLag, replicas }) => {
    const from = samples.findLastIndex((sample) => sample.at <= at - window)
    samples = [...samples.slice(Math.max(0, from)), { at, accepted, done, busySeconds }]
    idleSince = openTasks > 0 ? undefined : (idleSince ?? at)
    if (!answers) return replicas
    // Flink's never stops a job: to none and back as KEDA does it, so that their costs can be compared.
    if (idleSince !== undefined) return at - idleSince > 120 ? 0 : replicas
    if (replicas === 0) return 1
    if (at - changedAt < stabilization) return replicas
    const first = samples[0] ?? { at, accepted, done, busySeconds }
    const seconds = at - first.at
    const busy = busySeconds - first.busySeconds
    if (seconds === 0 || busy === 0 || done === first.done) return Math.max(1, replicas)
    const trueRate = ((done - first.done) / busy) * slots
    const backlog = exactLag.reduce((sum, lag) => sum + lag, 0)
    const target = (accepted - first.accepted) / seconds + backlog / catchUp
    const now = target / (trueRate * replicas)
    if (now >= utilization - boundary && now <= utilization + boundary) return replicas
    const wanted = Math.min(maxReplicas, Math.max(1, Math.ceil(target / (trueRate * utilization))))
    if (wanted !== replicas) changedAt = at
    return wanted
  }
}
