import { vi } from 'vitest'
import { z } from 'zod'
import { type Client, defineResource } from '../../kube/index.ts'
import { compressionJobCrd } from './crd.ts'

const crds = defineResource(
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  {
    status: z
      .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish() })
      .optional(),
  },
)

/** Installs the CRD and waits until the API server serves it. */
export async function installCrd(client: Client): Promise<void> {
  const crd = compressionJobCrd()
  await client.apply(crds, crd)
  await vi.waitUntil(
    async () => {
      const { status } = (await client.get(crds, { name: crd.metadata.name })) ?? {}
      return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')
    },
    { timeout: 30_000, interval: 50 },
  )
}
