import { decide } from '../../autoscale/index.ts'
import { duration } from '../../config/index.ts'
import { cancelBatch } from '../../store/index.ts'
import { ensureWorkers } from '../ensure-workers.ts'
import { isLimited, shareOf } from '../limits.ts'
import { lagOf, snapshotOf } from '../observe.ts'
import type { OperatorDeps } from '../ports.ts'
import { recordDecision } from '../record.ts'
import { deployments, withReplicas } from '../resources.ts'
import type { CompressionJobSpec } from '../schema/index.ts'
import { settingsOf } from '../settings.ts'
import type { Outcome, ToRun } from '../work.ts'
import { conclude, end } from './end.ts'
import { ensureFiniteJob, ensureTask } from './ensure.ts'
import { doneOf } from './figures.ts'
import { findTrouble } from './find-trouble.ts'
import { type Known, look } from './look.ts'
import { marked, paceOf } from './pace.ts'
import { outputEnv, replicaEnv, sourceEnv } from './pods.ts'
import { judgeFailures, type Verdict } from './policy.ts'
import { finiteRules } from './rules.ts'
import { finiteStatus } from './status.ts'

/** Before its end a job is looked at that often, milliseconds. */
const busyMs = 5_000

/**
 * Brings a job that ends one step further. What has been done is read from the database, never remembered:
 *
 *     rows, topic ──▶ planner ──┬─▶ workers, as many as the work wants
 *                               └─▶ the plan is complete
 *     mode Estimate: the planner says what a run would save, and plans nothing
 *     every planned file has ended ──▶ no workers ──▶ report writer ──▶ topic gone, Complete or Failed
 *                                                     ──▶ after its TTL, what is left of it gone
 */
export async function runFinite(deps: OperatorDeps, seen: ToRun, signal: AbortSignal): Promise<Outcome> {
  const rules = finiteRules(seen.spec)
  const before = await look(deps, seen.identity)
  if (before?.stored.job.state === 'finished') return conclude(deps, seen, before, signal)
  if (before?.figures.ended !== undefined) return end(deps, seen, before, signal)

  const verdict = before === undefined ? 'GoOn' : verdictOn(seen, before)
  if (before !== undefined && verdict === 'Fail') await cancel(deps, before)
  const { identity } = seen
  const wanted = seen.spec.mode === 'Estimate' ? withoutWorkers(seen.spec) : seen.spec
  const spec = { ...wanted, suspend: wanted.suspend || verdict !== 'GoOn' }
  const planning = before?.figures.planned !== true
  const share = shareOf(spec, { deployment: seen.deployment, planning })
  await ensureFiniteJob(deps, identity, spec, rules, share)
  const known = before ?? (await look(deps, identity))
  if (known === undefined) throw new Error(`job ${identity.uid} has no rows`)
  return work(deps, { ...seen, spec }, { known, verdict }, signal)
}

/** Planner and workers of a job that has not ended. */
async function work(
  deps: OperatorDeps,
  seen: ToRun,
  { known, verdict }: { known: Known; verdict: Verdict },
  signal: AbortSignal,
): Promise<Outcome> {
  const { identity, spec, job, at, remembered } = seen
  const { figures, counts } = known
  const held = counts.held ?? undefined
  const suspended = spec.suspend
  const { applied, deployment } = await ensureWorkers(deps, identity, spec, {
    existing: seen.deployment,
    applied: remembered.applied,
    buckets: { env: [...outputEnv(spec), ...replicaEnv(spec), ...sourceEnv(spec)], secretEnv: {} },
    signal,
  })
  // After the Secret that its token is in.
  if (!figures.planned) await ensureTask(deps, 'planner', identity, spec, { suspended, signal })

  const settings = settingsOf(spec)
  const ready = deployment.status?.readyReplicas ?? 0
  const { bytesIn: bytes, workMs } = figures
  const marks = marked(remembered.marks, {
    at,
    files: doneOf(figures),
    bytes,
    workMs,
    slots: ready * settings.slots,
  })
  const pace = paceOf(marks)
  const observation = { figures: counts, lag: await lagOf(deps, identity) }
  const replicas = deployment.spec.replicas ?? 0
  const limited = isLimited(spec, counts, deps.now())
  const snapshot = {
    ...snapshotOf(observation, { replicas, samples: [], at, held }),
    limited,
    finite: {
      remainingSeconds: (counts.waitingMs + counts.releasedMs) / 1000,
      pace: pace?.perSlot ?? 1,
      ...deadlineOf(seen, deps.now()),
    },
  }
  const decision = decide(snapshot, settings, remembered.memory)
  deps.onDecision?.(decision)
  recordDecision(deps.logger, identity, { snapshot, settings, decision })
  const dryRun = spec.scaling.mode === 'DryRun'
  const scaled = decision.replicas !== replicas && !dryRun
  if (scaled) await deps.client.scale(deployments, deployment.metadata, decision.replicas, { signal })

  const starved = counts.waitingTasks + counts.releasedTasks > 0 && ready === 0 && !suspended
  const trouble = suspended ? undefined : await findTrouble(deps, identity, known, { starved, signal })
  const running = {
    observation,
    decision,
    deployment: scaled ? withReplicas(deployment, decision.replicas) : deployment,
    suspended,
    dryRun,
    figures,
    spec,
    stopped: verdict === 'Suspend',
    failedByPolicy: verdict === 'Fail',
    starved,
    trouble,
    held,
    limited,
    pace,
  }
  const { generation } = job.metadata
  return {
    status: finiteStatus({ ...identity, generation }, job.status, running, deps.now()),
    decision,
    lag: observation.lag,
    remembered: { ...remembered, applied, memory: decision.memory, marks },
    requeueAfterMs: busyMs,
  }
}

/** An estimate is made by the planner alone. */
function withoutWorkers(spec: CompressionJobSpec): CompressionJobSpec {
  const { replicas: _, ...scaling } = spec.scaling
  return { ...spec, scaling: { ...scaling, minReplicas: 0 } }
}

function verdictOn({ job, spec }: ToRun, { figures }: Known) {
  const { generation } = job.metadata
  const ended = { done: doneOf(figures), failed: figures.failed }
  return judgeFailures(spec.failurePolicy, ended, { before: job.status?.conditions, generation })
}

function cancel({ store, now }: OperatorDeps, { stored: { batch } }: Known): Promise<unknown> {
  return cancelBatch(store.db, { tenantId: batch.tenantId, batchId: batch.id, now: now() })
}

/** When it should be done, by the clock of `at`; nothing when nobody said. */
function deadlineOf({ spec, job, at }: ToRun, now: Date): { deadlineAt?: number } {
  const { finishWithin } = spec.scaling
  if (finishWithin === undefined) return {}
  const begun = job.status?.startTime === undefined ? now : new Date(job.status.startTime)
  return { deadlineAt: at + begun.getTime() + duration().parse(finishWithin) - now.getTime() }
}
