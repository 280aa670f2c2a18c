import { z } from 'zod'
import {
  type Client,
  createTransport,
  defineResource,
  type KubeConfig,
  loadKubeConfig,
  type Manifest,
  type Transport,
} from '../../kube/index.ts'
import { operatorRbac } from './rbac.ts'

const plurals: Record<string, [plural: string, namespaced: boolean]> = {
  ServiceAccount: ['serviceaccounts', true],
  ClusterRole: ['clusterroles', false],
  ClusterRoleBinding: ['clusterrolebindings', false],
  Role: ['roles', true],
  RoleBinding: ['rolebindings', true],
}

const tokenAnswer = z.object({ status: z.object({ token: z.string() }) })

/** Comes in as the operator. */
export async function signIn(
  client: Client,
  where: { namespace: string; kubeconfig: string },
): Promise<Transport> {
  return createTransport(await configOf(client, where), { userAgent: 'kompressor-operator' })
}

/** A kubeconfig of the operator. */
export async function operatorConfig(
  client: Client,
  where: { namespace: string; kubeconfig: string },
): Promise<string> {
  return (await configOf(client, where)).exportConfig()
}

/** Makes the operator's service account and roles, and a token of that account. */
async function configOf(
  client: Client,
  { namespace, kubeconfig }: { namespace: string; kubeconfig: string },
): Promise<KubeConfig> {
  for (const manifest of operatorRbac(namespace)) {
    const [plural = '', namespaced = false] = plurals[manifest.kind] ?? []
    const { apiVersion, kind } = manifest
    const stated: Manifest = { ...manifest }
    await client.apply(defineResource({ apiVersion, kind, plural, namespaced }, {}), stated)
  }
  const admin = createTransport(loadKubeConfig({ kubeconfig }), { userAgent: 'kompressor-tests' })
  const answer = await admin.send({
    verb: 'create',
    resource: 'serviceaccounts/token',
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/kompressor-operator/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  })
  admin.close()
  const config = loadKubeConfig({ kubeconfig })
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig names no cluster')
  config.loadFromClusterAndUser(cluster, { name: 'operator', token: tokenAnswer.parse(answer).status.token })
  return config
}
