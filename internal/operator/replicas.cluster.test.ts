import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { z } from 'zod'
import { describeOnCluster } from '../../tools/cluster/index.ts'
import { startServices, UnavailableError } from '../../tools/services/index.ts'
import { defineResource } from '../kube/index.ts'
import { installCrd } from './crd/install.fixture.ts'
import { operatorConfig } from './rbac/sign-in.fixture.ts'
import { compressionJobs, deployments } from './resources.ts'

const entry = path.join(import.meta.dirname, '../../cmd/kompressor.ts')
const patience = { timeout: 60_000, interval: 50 }
const leases = defineResource(
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', namespaced: true },
  { spec: z.object({ holderIdentity: z.string().optional() }) },
)

/** Real processes on a real Kafka and a real Postgres; without those, nothing. */
const services =
  'unavailable' in inject('cluster')
    ? undefined
    : await startServices({ postgres: true, kafka: true }).catch((error: unknown) => {
        if (!(error instanceof UnavailableError) || process.env.CI) throw error
        process.stderr.write(`cluster: SKIPPING the replicas of the operator: ${error.message}\n`)
        return undefined
      })

describeOnCluster('two replicas of kompressor operator', ({ client, namespace, kubeconfig }) => {
  if (services === undefined) {
    it.skip('need Kafka and Postgres', () => undefined)
    return
  }
  let folder: string
  const replicas = new Map<string, Awaited<ReturnType<typeof start>>>()

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'kompressor-operator-'))
    await installCrd(client)
    const config = await operatorConfig(client, { namespace, kubeconfig })
    await writeFile(path.join(folder, 'kubeconfig'), config, { mode: 0o600 })
    // One after another: both bring the schema up to date.
    for (const name of ['one', 'two']) replicas.set(name, await start(name))
  }, 300_000)
  afterAll(async () => {
    for (const { child } of replicas.values()) child.kill('SIGKILL')
    await services.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** Starts a replica and waits until it says where it listens. */
  async function start(name: string) {
    const flags = {
      name,
      namespace,
      'lease-namespace': namespace,
      kubeconfig: path.join(folder, 'kubeconfig'),
      'worker-image': 'kompressor:1',
      'token-secret': 'a secret that is long enough',
      'api-url': 'http://kompressor:8080',
      'database-url': services?.postgres.url ?? '',
      'kafka-brokers': services?.kafka.brokers ?? '',
      's3-bucket': 'kompressor',
      port: '0',
      'log-format': 'json',
    }
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)
    const child = spawn(process.execPath, [entry, 'operator', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const lines: string[] = []
    const ready = Promise.withResolvers<string>()
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.push(line)
        const url = /"url":"(http[^"]+)"/.exec(line)?.[1]
        if (url !== undefined) ready.resolve(url)
      })
    }
    child.on('exit', (code) => ready.reject(new Error(`${name} ended with ${code}:\n${lines.join('\n')}`)))
    return { child, url: await ready.promise, exited: once(child, 'exit') }
  }

  const holder = async () =>
    (await client.get(leases, { namespace, name: 'kompressor-operator' }))?.spec.holderIdentity?.split('_')[0]

  async function inPlace(name: string) {
    await client.apply(compressionJobs, {
      apiVersion: compressionJobs.apiVersion,
      kind: compressionJobs.kind,
      metadata: { namespace, name },
      spec: { source: { ingest: {} }, compression: { images: {} } },
    })
    await vi.waitUntil(async () => {
      const job = await client.get(compressionJobs, { namespace, name })
      return job?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    }, patience)
    return client.get(deployments, { namespace, name: `${name}-worker` })
  }

  it('have one leader, and go on within 30 s when it is killed, without doing anything twice', async () => {
    const first = await vi.waitUntil(holder, patience)
    const before = await inPlace('before')
    for (const { url } of replicas.values()) {
      const answer = await fetch(`${url}/readyz`)
      expect(await answer.json()).toMatchObject({ ready: true, checks: { kubernetes: 'ok', database: 'ok' } })
    }

    const dead = replicas.get(first)
    dead?.child.kill('SIGKILL')
    await dead?.exited
    const killed = performance.now()
    const second = await vi.waitUntil(async () => {
      const now = await holder()
      return now !== first ? now : undefined
    }, patience)
    expect(performance.now() - killed).toBeLessThan(30_000)
    expect(replicas.has(second)).toBe(true)
    await inPlace('after')
    const now = await client.get(deployments, { namespace, name: 'before-worker' })
    expect(now?.metadata.generation).toBe(before?.metadata.generation)
  }, 180_000)

  it('give the lease back when told to stop', async () => {
    const last = await vi.waitUntil(holder, patience)
    const { child, exited } = replicas.get(last) ?? {}
    child?.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    expect(await holder()).toBe('')
  }, 60_000)
})
