import { setTimeout as sleep } from 'node:timers/promises'
import { type Change, type KubeObject, keyOf, startController, startReflector } from '../kube/index.ts'
import { forgetOtherJobs, jobsWithOpenWork } from '../store/index.ts'
import { managedBy, namesOf } from './names.ts'
import type { OperatorDeps } from './ports.ts'
import { reconcile } from './reconcile.ts'
import { rememberTopics } from './remember-topics.ts'
import { type CompressionJob, compressionJobs, deployments } from './resources.ts'
import { tellTransitions } from './tell.ts'
import { nothingKnown, type Remembered } from './work.ts'

export interface OperatorOptions extends OperatorDeps {
  /** Only jobs of this namespace; all when absent. */
  namespace?: string | undefined
  observe?: (outcome: 'success' | 'error', seconds: number) => void
  /** How often the database is asked which jobs have something to do. Default 5,000. */
  wakeMs?: number
}

export interface Operator {
  /** Resolves when everything there is has been seen once. */
  readonly synced: Promise<void>
  stop(): Promise<void>
}

/** Watches CompressionJobs and what they own, and reconciles. Run it where only one does: it is the leader's work. */
export function startOperator(options: OperatorOptions): Operator {
  const { client, store, logger, namespace, wakeMs = 5_000 } = options
  const deps: OperatorDeps = { ...options, broker: rememberTopics(options.broker) }
  const remembered = new Map<string, Remembered>()
  const now = () => performance.now()
  const onError = (error: unknown) => logger.warn({ error }, 'a watch was cut off and is taken up again')
  const common = { client, namespace, random: Math.random, onError }

  const controller = startController({
    async reconcile(key, signal) {
      const job = jobs.get(key)
      if (job === undefined) return {}
      const { namespace = '', name, uid } = job.metadata
      const { worker } = namesOf({ namespace, name, uid })
      const deployment = workers.get(`${namespace}/${worker}`)
      const known = remembered.get(uid) ?? nothingKnown
      const result = await reconcile(deps, { job, deployment, remembered: known, at: now() }, signal)
      if (result.remembered === undefined) remembered.delete(uid)
      else remembered.set(uid, result.remembered)
      return { requeueAfterMs: result.requeueAfterMs }
    },
    onError: (key, error, retryInMs) =>
      logger.warn({ error, job: key, retryInMs: Math.round(retryInMs) }, 'a job could not be reconciled'),
    ...(options.observe !== undefined && { observe: options.observe }),
    now,
    random: Math.random,
  })

  const jobs = startReflector({
    ...common,
    resource: compressionJobs,
    onChange(change) {
      if (change.type === 'updated') tellTransitions(options.events, change)
      // Our own writes of the status come back as changes, too: they ask for nothing.
      if (change.type === 'updated' && onlyStatus(change)) return
      controller.enqueue(keyOf(change.type === 'deleted' ? change.previous : change.object))
    },
  })
  const workers = startReflector({
    ...common,
    resource: deployments,
    labelSelector: `app.kubernetes.io/managed-by=${managedBy}`,
    onChange(change) {
      const { metadata } = change.type === 'deleted' ? change.previous : change.object
      const owner = metadata.ownerReferences?.find(({ kind }) => kind === compressionJobs.kind)
      if (owner !== undefined) controller.enqueue(`${metadata.namespace}/${owner.name}`)
    },
  })

  const stopping = new AbortController()
  const waking = wake(stopping.signal)

  /** Work arrives in the database: nothing in Kubernetes changes when it does. */
  async function wake(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await sleep(wakeMs, undefined, { signal })
        await jobs.synced
        const uids = jobs.list().map(({ metadata }) => metadata.uid)
        await forgetOtherJobs(store.db, { uids, namespace })
        const open = new Set(await jobsWithOpenWork(store.db, options.now()))
        for (const job of jobs.list()) if (open.has(job.metadata.uid)) controller.enqueue(keyOf(job))
      } catch (error) {
        if (!signal.aborted) logger.warn({ error }, 'open work could not be looked up')
      }
    }
  }

  const synced = Promise.all([jobs.synced, workers.synced]).then(() => undefined)
  // Whoever is interested awaits it; a stop before it is no unhandled rejection.
  synced.catch(() => undefined)
  return {
    synced,
    async stop() {
      stopping.abort()
      await Promise.all([jobs.stop(), workers.stop(), waking])
      await controller.stop()
    },
  }
}

function onlyStatus({ object, previous }: Extract<Change<CompressionJob>, { type: 'updated' }>): boolean {
  const relevant = ({ metadata }: KubeObject) =>
    JSON.stringify([
      metadata.generation,
      metadata.deletionTimestamp,
      metadata.finalizers,
      metadata.annotations,
      metadata.labels,
    ])
  return relevant(object) === relevant(previous)
}
