import { KubeConfig } from '@kubernetes/client-node'

export type { KubeConfig } from '@kubernetes/client-node'

export interface ConfigChoice {
  /** A kubeconfig file; without it KUBECONFIG, the pod's service account or ~/.kube/config, as kubectl looks for them. */
  kubeconfig?: string | undefined
  /** Another context than the current one. */
  context?: string | undefined
}

/** How to reach the API server and who we are there. Reads files; connects to nothing. */
export function loadKubeConfig({ kubeconfig, context }: ConfigChoice = {}): KubeConfig {
  const config = new KubeConfig()
  if (kubeconfig === undefined) config.loadFromDefault()
  else config.loadFromFile(kubeconfig)
  if (context !== undefined) config.setCurrentContext(context)
  if (config.getCurrentCluster() === null) {
    throw new Error('no Kubernetes cluster is configured: set KUBECONFIG or choose a context that exists')
  }
  return config
}

/** The namespace of the context, `default` when it names none. */
export function currentNamespace(config: KubeConfig): string {
  return config.getContextObject(config.getCurrentContext())?.namespace || 'default'
}
