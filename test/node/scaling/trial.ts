import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { z } from 'zod'
import { defineResource } from '../../../internal/kube/index.ts'
import type { Installation } from '../installation.ts'
import { clientOf } from '../uploads.ts'
import { watchPods } from '../watching.ts'

const patienceMs = 15 * 60_000

const compressionJobs = defineResource(
  {
    apiVersion: 'kompressor.dev/v1alpha1',
    kind: 'CompressionJob',
    plural: 'compressionjobs',
    namespaced: true,
  },
  {},
)

/** Nothing, then so many photographs at once, then nothing until no worker is left. */
export interface Trace {
  photos: readonly Buffer[]
  count: number
  idleSeconds: number
}

export interface TrialOptions {
  namespace: string
  name: string
  /** `spec.scaling` of the job. */
  scaling: object
  /** Seconds from accepted to done beyond which a file is late. */
  lateSeconds: number
  /** Called when the job is ready; what it returns is stopped at the end. */
  drive?: (job: { namespace: string; name: string; uid: string }) => { stop(): Promise<void> }
}

export interface Trial {
  name: string
  /** Share of the files, 0 to 1. */
  late: number
  /** Seconds from accepted to done. */
  p50: number
  p95: number
  last: number
  /** Seconds that pods were there, starting and ending ones included. */
  podSeconds: number
  mostPods: number
  /** How often the number of pods that are there changed: as many rebalances, at least. */
  changes: number
}

/** Plays the trace to one job with workers of its own, and measures what became of it. */
export async function playTrial(
  installation: Installation,
  trace: Trace,
  options: TrialOptions,
): Promise<Trial> {
  const { namespace, name } = options
  const { client, kubectl } = installation
  await installation.apply({
    apiVersion: compressionJobs.apiVersion,
    kind: compressionJobs.kind,
    metadata: { namespace, name },
    spec: {
      source: { ingest: {} },
      compression: { images: {} },
      partitions: 6,
      scaling: options.scaling,
      worker: {
        slots: 1,
        resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '1', memory: '1Gi' } },
      },
    },
  })
  await kubectl('wait', '-n', namespace, '--for=condition=Ready', '--timeout=600s', `cjob/${name}`)
  const job = await client.get(compressionJobs, { namespace, name })
  if (job === undefined) throw new Error(`${namespace}/${name} is gone`)

  await using cleanup = new AsyncDisposableStack()
  const labelSelector = `app.kubernetes.io/component=worker,app.kubernetes.io/instance=${name}`
  const workers = await watchPods(client, { namespace, labelSelector })
  cleanup.defer(() => workers.stop())
  const counting = countPods(() => workers.all().length)
  cleanup.defer(() => counting.stop())
  const driver = options.drive?.({ namespace, name, uid: job.metadata.uid })
  cleanup.defer(async () => driver?.stop())

  const api = clientOf(installation.apiUrl)
  await delay(trace.idleSeconds * 1_000)
  const batch = await api.send(`${namespace}/${name}`, trace.photos, trace.count)
  await until('the files to end', async () => (await api.batch(batch)).state === 'completed')
  await until('the workers to go', async () => workers.all().length === 0)
  return {
    name,
    ...(await latencies(installation.servers.postgres.url, batch, options.lateSeconds)),
    ...counting.figures(),
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 60_000} minutes for ${what}`)
    await delay(250)
  }
}

/** Looks four times a second. */
function countPods(count: () => number) {
  const figures = { podSeconds: 0, mostPods: 0, changes: 0 }
  let [at, before] = [performance.now(), count()]
  const timer = setInterval(() => {
    const [now, pods] = [performance.now(), count()]
    figures.podSeconds += (before * (now - at)) / 1_000
    figures.mostPods = Math.max(figures.mostPods, pods)
    if (pods !== before) figures.changes += 1
    ;[at, before] = [now, pods]
  }, 250)
  return { figures: () => ({ ...figures }), stop: async () => clearInterval(timer) }
}

const latencySchema = z.object({ late: z.number(), p50: z.number(), p95: z.number(), last: z.number() })

async function latencies(connectionString: string, batch: string, lateSeconds: number) {
  const database = new pg.Client({ connectionString })
  await database.connect()
  try {
    const { rows } = await database.query(
      `select avg((seconds > $2)::int)::float as late, max(seconds) as last,
         percentile_cont(0.5) within group (order by seconds) as p50,
         percentile_cont(0.95) within group (order by seconds) as p95
       from (select extract(epoch from finished_at - queued_at)::float as seconds from files where batch_id = $1)`,
      [batch, lateSeconds],
    )
    return latencySchema.parse(rows[0])
  } finally {
    await database.end()
  }
}
