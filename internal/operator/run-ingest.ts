import { decide, sampled } from '../autoscale/index.ts'
import { ensureJob } from './ensure-job.ts'
import { ensureWorkers } from './ensure-workers.ts'
import { heldUp } from './held.ts'
import { isLimited, shareOf } from './limits.ts'
import { observe, sampleOf, snapshotOf } from './observe.ts'
import { plainEnv } from './pod.ts'
import type { OperatorDeps } from './ports.ts'
import { recordDecision } from './record.ts'
import { deployments, withReplicas } from './resources.ts'
import { settingsOf } from './settings.ts'
import { runningStatus } from './status.ts'
import type { Outcome, ToRun } from './work.ts'

/** With open work or workers a job is looked at that often, milliseconds; others when something changes. */
const busyMs = 5_000

/** Brings a job that takes uploads in place, and its workers to the work there is. */
export async function runIngest(
  deps: OperatorDeps,
  { job, identity, spec, deployment, remembered, at }: ToRun,
  signal: AbortSignal,
): Promise<Outcome> {
  await ensureJob(deps, identity, spec, shareOf(spec, { deployment, planning: false }))
  const { env, secretEnv } = deps.workers.bucket
  const workers = await ensureWorkers(deps, identity, spec, {
    existing: deployment,
    applied: remembered.applied,
    buckets: { env: plainEnv(env), secretEnv },
    signal,
  })
  const observation = await observe(deps, identity)
  const samples = sampled(remembered.samples, sampleOf(observation, at))
  const current = workers.deployment.spec.replicas ?? 0
  const { figures } = observation
  const limited = isLimited(spec, figures, deps.now())
  // Of a job that has nothing left nobody would say that it has passed.
  const held = figures.queued + figures.processing > 0 ? (figures.held ?? undefined) : undefined
  const snapshot = {
    ...snapshotOf(observation, { replicas: current, samples, at, held }),
    limited,
  }
  const settings = settingsOf(spec)
  const decision = decide(snapshot, settings, remembered.memory)
  deps.onDecision?.(decision)
  recordDecision(deps.logger, identity, { snapshot, settings, decision })
  const dryRun = spec.scaling.mode === 'DryRun'
  const scaled = decision.replicas !== current && !dryRun
  if (scaled) await deps.client.scale(deployments, workers.deployment.metadata, decision.replicas, { signal })

  const { generation } = job.metadata
  const shown = scaled ? withReplicas(workers.deployment, decision.replicas) : workers.deployment
  const own = heldUp({ held, limited, spec })
  const running = { observation, decision, deployment: shown, suspended: spec.suspend, dryRun }
  const busy = figures.waitingTasks + figures.releasedTasks > 0 || decision.replicas > 0
  return {
    status: runningStatus({ ...identity, generation }, job.status, running, deps.now(), own),
    decision,
    lag: observation.lag,
    remembered: { ...remembered, applied: workers.applied, memory: decision.memory, samples },
    ...(busy && { requeueAfterMs: busyMs }),
  }
}
