import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Client, defineResource } from '../../internal/kube/index.ts'

const conditions = z.array(z.object({ type: z.string(), status: z.string() })).nullish()

const crds = defineResource(
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  { status: z.object({ conditions }).optional() },
)
export const compressionJobs = defineResource(
  {
    apiVersion: 'kompressor.dev/v1alpha1',
    kind: 'CompressionJob',
    plural: 'compressionjobs',
    namespaced: true,
  },
  { status: z.object({ conditions }).optional() },
)
export const deployments = defineResource(
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  {
    spec: z.object({ replicas: z.number().optional() }),
    status: z.object({ readyReplicas: z.number().optional() }).optional(),
  },
)
const pods = defineResource(
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  { status: z.object({ conditions }) },
)

export function holds(list: z.infer<typeof conditions>, type: string): boolean {
  return list?.some((one) => one.type === type && one.status === 'True') ?? false
}

/** The resources as users install them. */
export async function installCrd(client: Client): Promise<void> {
  const file = new URL('../../deploy/kustomize/base/crd.yaml', import.meta.url)
  const manifest = z
    .looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) })
    .parse(parse(await readFile(file, 'utf8')))
  await client.apply(crds, manifest)
  const { name } = manifest.metadata
  await until(async () => holds((await client.get(crds, { name }))?.status?.conditions, 'Established'))
}

/** Says of every pod that it is ready, as the kubelet would: there are no nodes. */
export async function readyPods(client: Client, namespace: string): Promise<void> {
  const { items } = await client.list(pods, { namespace })
  for (const { metadata, status } of items) {
    if (holds(status.conditions, 'Ready')) continue
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }
    await client.applyStatus(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: metadata.name },
      status: { phase: 'Running', conditions: [ready] },
    })
  }
}

/** Waits for a condition that must come true. Throws after 20 minutes. */
export async function until(holdsNow: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20 * 60_000
  while (!(await holdsNow())) {
    if (performance.now() > deadline) throw new Error(`it did not come true: ${holdsNow}`)
    await sleep(200)
  }
}
