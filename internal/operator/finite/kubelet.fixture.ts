import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { type Running, start } from '../../../test/cli/command.ts'
import {
  createClient,
  createTransport,
  defineResource,
  keyOf,
  loadKubeConfig,
  startReflector,
} from '../../kube/index.ts'

const envSchema = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .object({
      secretKeyRef: z.object({ name: z.string(), key: z.string(), optional: z.boolean().optional() }),
    })
    .optional(),
})

const pods = defineResource(
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  {
    spec: z.object({
      nodeName: z.string().optional(),
      containers: z.tuple([
        z.object({
          name: z.string(),
          args: z.array(z.string()),
          env: z.array(envSchema),
          envFrom: z.array(z.object({ secretRef: z.object({ name: z.string() }) })).optional(),
          volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
        }),
      ]),
      volumes: z
        .array(
          z.object({
            name: z.string(),
            configMap: z
              .object({
                name: z.string(),
                items: z.array(z.object({ key: z.string(), path: z.string() })).default([]),
              })
              .optional(),
          }),
        )
        .default([]),
    }),
  },
)
type Pod = ReturnType<typeof pods.parse>

const secrets = defineResource(
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  { data: z.record(z.string(), z.string()).optional() },
)

const configMaps = defineResource(
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  { data: z.record(z.string(), z.string()).optional() },
)

const nodes = defineResource({ apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false }, {})

export interface Kubelet {
  /** Pods that run now, by what they were started with. */
  running(): string[]
  /** What every pod so far has written, for messages of failing tests. */
  output(): string
  stop(): Promise<void>
}

const heartbeatMs = 5_000
const retryMs = 500
/** Files of ConfigMaps are looked after that often. */
const mountMs = 500

/**
 * A node whose pods are processes of this machine: `kompressor ARGS` with the environment their containers would have,
 * and optional ConfigMaps as files. Probes, other volumes and limits are not its business; readiness is that of the process.
 */
export async function startKubelet(options: {
  kubeconfig: string
  namespace: string
  node: string
}): Promise<Kubelet> {
  const { kubeconfig, namespace, node } = options
  const transport = createTransport(loadKubeConfig({ kubeconfig }), { userAgent: 'kubelet' })
  const client = createClient(transport, { fieldManager: 'kubelet' })
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-kubelet-'))
  const processes = new Map<string, { pod: Pod; process: Running }>()
  /** Uids of pods whose process has ended: they are not run again. */
  const ended = new Set<string>()
  const texts: string[] = []
  const stopping = new AbortController()
  /** One thing after another for each pod. */
  const turns = new Map<string, Promise<void>>()

  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: node } })
  await patchStatus(nodes, { name: node }, nodeStatus())
  const heart = setInterval(
    () => void patchStatus(nodes, { name: node }, nodeStatus()).catch(ignore),
    heartbeatMs,
  )

  const reflector = startReflector({
    client,
    resource: pods,
    namespace,
    onError: ignore,
    random: Math.random,
    onChange(change) {
      const pod = change.type === 'deleted' ? change.previous : change.object
      if (pod.spec.nodeName !== node) return
      const key = keyOf(pod)
      const turn = (turns.get(key) ?? Promise.resolve()).then(() =>
        change.type === 'deleted' ? kill(key) : look(pod),
      )
      turns.set(
        key,
        turn.catch((error: unknown) => void texts.push(`${key}: ${String(error)}`)),
      )
    },
  })
  await reflector.synced

  async function look(pod: Pod): Promise<void> {
    const key = keyOf(pod)
    if (pod.metadata.deletionTimestamp !== undefined) {
      await kill(key)
      await transport
        .send({
          verb: 'delete',
          resource: 'pods',
          method: 'DELETE',
          path: `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}`,
          body: { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } },
        })
        .catch(ignore)
      return
    }
    if (processes.has(key) || ended.has(pod.metadata.uid) || stopping.signal.aborted) return
    const env = await environment(pod)
    if (typeof env === 'string') {
      await say(pod, 'Pending', { waiting: { reason: 'CreateContainerConfigError', message: env } })
      setTimeout(() => void look(pod), retryMs).unref()
      return
    }
    await run(pod, env)
  }

  async function run(pod: Pod, env: Record<string, string>): Promise<void> {
    const key = keyOf(pod)
    const scratch = join(folder, pod.metadata.uid)
    await mkdir(scratch, { recursive: true })
    const unmount = await mount(pod, scratch)
    const file = env.KOMPRESSOR_SOURCE_FILE
    const own = {
      ...env,
      ...(file !== undefined && { KOMPRESSOR_SOURCE_FILE: join(scratch, basename(file)) }),
      KOMPRESSOR_SCRATCH_DIR: scratch,
      ...(env.KOMPRESSOR_PORT !== undefined && { KOMPRESSOR_HOST: '127.0.0.1', KOMPRESSOR_PORT: '0' }),
      ...(env.KOMPRESSOR_TOPIC !== undefined && { KOMPRESSOR_NAME: pod.metadata.name }),
    }
    const process = start(pod.spec.containers[0].args, { cwd: folder, env: own })
    processes.set(key, { pod, process })
    await say(pod, 'Running', { running: {} }, false)
    const serves = env.KOMPRESSOR_PORT !== undefined
    if (serves) {
      process
        .until((text) => text.includes('is ready at'))
        .then(() => say(pod, 'Running', { running: {} }, true), ignore)
    }
    void process.finished.then(async ({ code, stdout, stderr }) => {
      unmount()
      texts.push(`${key} ended with ${code}\n${stdout}${stderr}`)
      ended.add(pod.metadata.uid)
      processes.delete(key)
      const phase = code === 0 ? 'Succeeded' : 'Failed'
      await say(pod, phase, { terminated: { exitCode: code ?? 1, reason: phase } }).catch(ignore)
    })
  }

  /** Puts the items of ConfigMaps into a folder, as soon as there are any. */
  async function mount({ spec }: Pod, to: string): Promise<() => void> {
    const wanted = spec.volumes.flatMap(({ configMap }) => configMap ?? [])
    const look = async () => {
      for (const { name, items } of wanted) {
        const data = (await client.get(configMaps, { namespace, name }))?.data ?? {}
        for (const { key, path } of items) {
          const text = data[key]
          if (text === undefined) continue
          await writeFile(join(to, `.${path}`), text)
          await rename(join(to, `.${path}`), join(to, path))
        }
      }
    }
    await look()
    if (wanted.length === 0) return () => undefined
    const timer = setInterval(() => void look().catch(ignore), mountMs)
    return () => clearInterval(timer)
  }

  async function kill(key: string): Promise<void> {
    const found = processes.get(key)
    found?.process.child.kill('SIGTERM')
    await found?.process.finished
  }

  /** The variables of the pod's container, or what the kubelet would say is missing. */
  async function environment({ spec }: Pod): Promise<Record<string, string> | string> {
    const [container] = spec.containers
    const env: Record<string, string> = {}
    for (const { secretRef } of container.envFrom ?? []) {
      const data = await secret(secretRef.name)
      if (data === undefined) return `secret "${secretRef.name}" not found`
      Object.assign(env, data)
    }
    for (const { name, value, valueFrom } of container.env) {
      if (valueFrom === undefined) env[name] = value ?? ''
      else {
        const { name: from, key, optional } = valueFrom.secretKeyRef
        const data = await secret(from)
        const found = data?.[key]
        if (found !== undefined) env[name] = found
        else if (data === undefined && !optional) return `secret "${from}" not found`
        else if (!optional) return `couldn't find key ${key} in Secret ${namespace}/${from}`
      }
    }
    return env
  }

  async function secret(name: string): Promise<Record<string, string> | undefined> {
    const found = await client.get(secrets, { namespace, name })
    if (found === undefined) return undefined
    const entries = Object.entries(found.data ?? {})
    return Object.fromEntries(entries.map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]))
  }

  function say(pod: Pod, phase: string, state: object, ready = false): Promise<void> {
    const [{ name }] = pod.spec.containers
    const is = ready ? 'True' : 'False'
    const containerStatuses = [{ name, ready, restartCount: 0, image: '', imageID: '', state }]
    const conditions = [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: is },
      { type: 'ContainersReady', status: is },
    ]
    return patchStatus(pods, pod.metadata, { phase, conditions, containerStatuses })
  }

  async function patchStatus(
    resource: { plural: string; namespaced: boolean },
    { name }: { name: string },
    status: object,
  ): Promise<void> {
    const place = resource.namespaced ? `namespaces/${namespace}/` : ''
    await transport.send({
      verb: 'patch',
      resource: `${resource.plural}/status`,
      method: 'PATCH',
      path: `/api/v1/${place}${resource.plural}/${name}/status`,
      contentType: 'application/merge-patch+json',
      body: { status },
    })
  }

  return {
    running: () => [...processes.values()].map(({ pod }) => pod.spec.containers[0].args.join(' ')),
    output: () => texts.join('\n\n'),
    async stop() {
      stopping.abort()
      clearInterval(heart)
      await reflector.stop()
      await Promise.all([...processes.keys()].map(kill))
      await client.delete(nodes, { name: node })
      transport.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function nodeStatus() {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const condition = (type: string, status: string) => ({
    type,
    status,
    reason: 'Test',
    message: '',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  })
  const room = { cpu: '64', memory: '256Gi', pods: '200' }
  return { capacity: room, allocatable: room, conditions: [condition('Ready', 'True')] }
}

function ignore(): void {
  // Said again, or of something that is gone.
}
