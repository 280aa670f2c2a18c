import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { z } from 'zod'
import {
  type Client,
  createClient,
  createTransport,
  defineResource,
  loadKubeConfig,
} from '../../internal/kube/index.ts'

export const namespaces = defineResource(
  { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  { status: z.object({ phase: z.string() }).optional() },
)

export interface ClusterFixture {
  kubeconfig: string
  client: Client
  /** A namespace of the suite's own, gone after it. */
  namespace: string
}

/** A suite on the Kubernetes API there is; skipped when there is none (the set-up has said why). */
export function describeOnCluster(name: string, suite: (fixture: ClusterFixture) => void): void {
  const provided = inject('cluster')
  if ('unavailable' in provided) {
    describe.skip(name, () => undefined)
    return
  }
  const { kubeconfig } = provided
  const transport = createTransport(loadKubeConfig({ kubeconfig }), { userAgent: 'kompressor-tests' })
  const client = createClient(transport, { fieldManager: 'kompressor-tests' })
  const namespace = `test-${randomBytes(4).toString('hex')}`
  describe(name, () => {
    beforeAll(async () => {
      await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    })
    afterAll(async () => {
      await client.delete(namespaces, { name: namespace })
      transport.close()
    })
    suite({ kubeconfig, client, namespace })
  })
}
