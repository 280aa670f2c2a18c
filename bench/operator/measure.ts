import { setTimeout as sleep } from 'node:timers/promises'
import { defaultOptions } from '../../internal/codec/index.ts'
import {
  type Client,
  createClient,
  createTransport,
  loadKubeConfig,
  startReflector,
} from '../../internal/kube/index.ts'
import { createBatch, createPostgresStore, queueFiles, type Store } from '../../internal/store/index.ts'
import { startProcess } from '../../test/support/service.ts'
import { namespaces, startControlPlane } from '../../tools/cluster/index.ts'
import { startServices } from '../../tools/services/index.ts'
import { cpuSeconds, rssBytes } from '../support/process-stats.ts'
import { compressionJobs, deployments, holds, installCrd, readyPods, until } from './bench-cluster.ts'
import { quantileOf, readCounters } from './counters.ts'

export interface OperatorLoad {
  jobs: number
  /** How many of them have open work. */
  busy: number
  /** How long it is watched once everything is in place. */
  steadySeconds: number
}

export interface OperatorFigures {
  /** Until each job's Deployment was there, from its apply, seconds, ascending. */
  deploymentSeconds: number[]
  /** From the first apply until every job was Ready. */
  readySeconds: number
  /** Most that was resident while nothing changed but the work. */
  rssBytes: number
  cores: number
  reconcilesPerSecond: number
  /** Upper bound of the histogram's bucket, seconds: over everything, and in the steady state. */
  reconcileP99: number
  steadyReconcileP99: number
  /** Writes to the API server in the steady state, a second. */
  writesPerSecond: number
  failedReconciles: number
}

const namespace = 'bench'

/**
 * An operator process as users run it, on a real API server, Kafka and Postgres, with so many jobs. Pods are never
 * started: what the kubelet would say of them is said here.
 */
export async function measureOperator(load: OperatorLoad): Promise<OperatorFigures> {
  await using stack = new AsyncDisposableStack()
  const say = (line: string) => process.stderr.write(`  ${line}\n`)
  const plane = await startControlPlane({ env: process.env, say })
  stack.defer(() => plane.stop())
  const servers = await startServices({ postgres: true, kafka: true })
  stack.defer(() => servers.stop())
  const store = await createPostgresStore({ url: servers.postgres.url, poolSize: 2 })
  stack.defer(() => store.close())
  const transport = createTransport(loadKubeConfig({ kubeconfig: plane.kubeconfig }), {
    userAgent: 'kompressor-bench',
  })
  stack.defer(async () => transport.close())
  const client = createClient(transport, { fieldManager: 'kompressor-bench' })
  await installCrd(client)
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  say('starting the operator')
  const operator = await startProcess('operator', {
    readyMs: 300_000,
    // As deploy/kustomize has it.
    env: { NODE_OPTIONS: '--max-semi-space-size=8' },
    args: [
      ...['--kubeconfig', plane.kubeconfig, '--lease-namespace', namespace],
      ...['--database-url', servers.postgres.url, '--kafka-brokers', servers.kafka.brokers],
      ...['--worker-image', 'kompressor:bench', '--token-secret', 'a secret of the bench'],
      ...['--api-url', 'http://kompressor:8080', '--s3-bucket', 'bench'],
    ],
  })
  stack.defer(() => operator.kill())

  say(`placing ${load.jobs} jobs`)
  const { uids, ...placed } = await place(client, load)
  say(`all are Ready after ${placed.readySeconds.toFixed(0)} s`)
  const open = uids.slice(0, load.busy)
  for (const uid of open) await queue(store, uid)
  await until(async () => {
    await readyPods(client, namespace)
    const { items } = await client.list(deployments, { namespace })
    const scaled = items.filter(({ spec }) => (spec.replicas ?? 0) > 0)
    return scaled.length >= load.busy && scaled.every(isReady)
  })

  say('watching it at work')
  const before = await readCounters(operator.url)
  const cpu = cpuSeconds(operator.pid)
  const began = performance.now()
  let rss = 0
  while (performance.now() - began < load.steadySeconds * 1000) {
    rss = Math.max(rss, rssBytes(operator.pid))
    await sleep(500)
  }
  const seconds = (performance.now() - began) / 1000
  const cores = (cpuSeconds(operator.pid) - cpu) / seconds
  const after = await readCounters(operator.url)
  return {
    ...placed,
    rssBytes: rss,
    cores,
    reconcilesPerSecond: (after.reconciles - before.reconciles) / seconds,
    reconcileP99: quantileOf(after.buckets, 0.99),
    steadyReconcileP99: quantileOf(after.buckets, 0.99, before.buckets),
    writesPerSecond: (after.writes - before.writes) / seconds,
    failedReconciles: after.failures,
  }
}

function isReady({ spec, status }: ReturnType<typeof deployments.parse>): boolean {
  return (status?.readyReplicas ?? 0) >= (spec.replicas ?? 0)
}

/** Applies the jobs and waits until all of them are Ready. */
async function place(client: Client, { jobs, busy }: OperatorLoad) {
  const appliedAt = new Map<string, number>()
  const deployedAt = new Map<string, number>()
  const ready = new Set<string>()
  const common = { client, namespace, random: Math.random, onError: () => undefined }
  const watchingJobs = startReflector({
    ...common,
    resource: compressionJobs,
    onChange(change) {
      if (change.type !== 'deleted' && holds(change.object.status?.conditions, 'Ready')) {
        ready.add(change.object.metadata.name)
      }
    },
  })
  const watchingDeployments = startReflector({
    ...common,
    resource: deployments,
    onChange(change) {
      if (change.type !== 'added') return
      deployedAt.set(change.object.metadata.name.replace(/-worker$/, ''), performance.now())
    },
  })
  const began = performance.now()
  const uids: string[] = []
  for (let i = 0; i < jobs; i += 1) {
    const name = `job-${i}`
    const applied = await client.apply(compressionJobs, {
      apiVersion: compressionJobs.apiVersion,
      kind: compressionJobs.kind,
      metadata: { namespace, name },
      spec: { source: { ingest: {} }, compression: { images: {} }, partitions: i < busy ? 12 : 1 },
    })
    appliedAt.set(name, performance.now())
    uids.push(applied.metadata.uid)
  }
  await until(() => ready.size === jobs)
  const readySeconds = (performance.now() - began) / 1000
  await until(() => deployedAt.size === jobs)
  await Promise.all([watchingJobs.stop(), watchingDeployments.stop()])
  const deploymentSeconds = [...appliedAt]
    .map(([name, at]) => Math.max(0, ((deployedAt.get(name) ?? Number.POSITIVE_INFINITY) - at) / 1000))
    .toSorted((a, b) => a - b)
  return { uids, readySeconds, deploymentSeconds }
}

/** Work for some minutes. */
async function queue({ db }: Store, jobUid: string): Promise<void> {
  const now = new Date()
  const files = Array.from({ length: 500 }, (_, i) => ({
    id: `${jobUid}-${i}`,
    name: `${i}.jpg`,
    size: 1,
    tags: {},
    uploadKey: `in/${jobUid}/${i}`,
  }))
  const batchId = `batch-${jobUid}`
  const expiresAt = new Date(now.getTime() + 3_600_000)
  const batch = {
    id: batchId,
    tenantId: 'default',
    jobUid,
    options: defaultOptions,
    tags: {},
    expiresAt,
    files,
  }
  await createBatch(db, batch)
  const queued = files.map(({ id }) => ({ id, cost: 1000 }))
  await queueFiles(db, { tenantId: 'default', batchId, files: queued, now })
}
