import { nothingRemembered } from '../../autoscale/index.ts'
import { endFiniteJob } from '../../store/index.ts'
import { type JobIdentity, namesOf, selectorOf, selectorText } from '../names.ts'
import type { OperatorDeps } from '../ports.ts'
import { deployments, pods, withReplicas } from '../resources.ts'
import type { Status } from '../schema/index.ts'
import type { Trouble } from '../trouble.ts'
import { nothingKnown, type Outcome, type ToRun } from '../work.ts'
import { clearAway } from './clear.ts'
import { ensureTask } from './ensure.ts'
import { doneOf } from './figures.ts'
import { findTrouble } from './find-trouble.ts'
import type { Known } from './look.ts'
import { judgeFailures } from './policy.ts'
import { finiteStatus } from './status.ts'

const lookMs = 5_000

/** Nothing is open and nothing will come: the workers go, the report is written. */
export async function end(
  deps: OperatorDeps,
  seen: ToRun,
  known: Known,
  signal: AbortSignal,
): Promise<Outcome> {
  const { identity, spec, deployment } = seen
  if (deployment !== undefined && (deployment.spec.replicas ?? 0) > 0) {
    await deps.client.scale(deployments, deployment.metadata, 0, { signal })
  }
  if (known.figures.reported) {
    await endFiniteJob(deps.store.db, identity.uid)
    return conclude(deps, seen, known, signal)
  }
  await ensureTask(deps, 'report', identity, spec, { suspended: false, signal })
  const trouble = await findTrouble(deps, identity, known, { starved: false, signal })
  return { status: statusOf(deps, seen, known, trouble), remembered: nothingKnown, requeueAfterMs: lookMs }
}

/** The last word about a job; then its topic goes, and after its TTL whatever else is left of it. */
export async function conclude(
  deps: OperatorDeps,
  seen: ToRun,
  known: Known,
  signal: AbortSignal,
): Promise<Outcome> {
  const { identity, job, spec, remembered } = seen
  // What has been said at the end stays, whatever is written into the spec afterwards.
  const said = job.status?.completionTime === undefined ? undefined : job.status
  const { generation: observedGeneration } = job.metadata
  const status = said === undefined ? statusOf(deps, seen, known, undefined) : { ...said, observedGeneration }
  const topicGone = remembered.topicGone ?? (await removeTopic(deps, identity, signal))
  if (!topicGone) return { status, remembered, requeueAfterMs: lookMs }
  const outcome = { status, remembered: { ...nothingKnown, topicGone } }
  const { ttlSecondsAfterFinished: ttl } = spec
  if (ttl === undefined) return outcome
  const ended = new Date(status.completionTime ?? deps.now()).getTime()
  const left = ended + ttl * 1000 - deps.now().getTime()
  if (left > 0) return { ...outcome, requeueAfterMs: left }
  await clearAway(deps, identity, signal)
  return outcome
}

/** Removes the topic once no worker is left that consumes it. */
async function removeTopic(
  { client, broker }: Pick<OperatorDeps, 'client' | 'broker'>,
  job: JobIdentity,
  signal: AbortSignal,
): Promise<true | undefined> {
  const labelSelector = selectorText(selectorOf(job))
  const { items } = await client.list(pods, { namespace: job.namespace, labelSelector, limit: 1, signal })
  if (items.length > 0) return undefined
  await broker.deleteTopic(namesOf(job).topic)
  return true
}

function statusOf(
  deps: OperatorDeps,
  { identity, job, spec, deployment }: ToRun,
  { counts, figures }: Known,
  trouble: Trouble | undefined,
): Status {
  const { generation } = job.metadata
  const ended = { done: doneOf(figures), failed: figures.failed }
  const verdict = judgeFailures(spec.failurePolicy, ended, { before: job.status?.conditions, generation })
  return finiteStatus(
    { ...identity, generation },
    job.status,
    {
      observation: { figures: counts, lag: [] },
      decision: {
        replicas: 0,
        reason: 'ToZero',
        sentence: 'Down to none: every file is done.',
        // Never empty: the API server takes fields that were applied before and are none any more for null.
        terms: { work: 0 },
        partitionBound: false,
        memory: nothingRemembered,
      },
      deployment: deployment && withReplicas(deployment, 0),
      suspended: false,
      dryRun: false,
      figures,
      spec,
      stopped: false,
      failedByPolicy: figures.ended === 'cancelled' && verdict === 'Fail',
      starved: false,
      trouble,
      held: undefined,
      limited: false,
      pace: undefined,
    },
    deps.now(),
  )
}
