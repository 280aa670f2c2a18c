import type { TestProject } from 'vitest/node'
import { startControlPlane } from './control-plane.ts'
import { controlPlaneParts, missing } from './parts.ts'

/** What `inject('cluster')` gives the tests: how to reach a cluster, or why there is none. */
export type ProvidedCluster =
  | {
      kubeconfig: string
      /** False when KUBECONFIG named the cluster: then nobody restarts its API server. */
      ours: boolean
    }
  | { unavailable: string }

declare module 'vitest' {
  interface ProvidedContext {
    cluster: ProvidedCluster
  }
}

/** Gives the `cluster` suites the cluster KUBECONFIG names, or else a control plane of their own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { env } = process
  const say = (line: string) => process.stderr.write(`cluster: ${line}\n`)
  if (env.KUBECONFIG) {
    project.provide('cluster', { kubeconfig: env.KUBECONFIG, ours: false })
    return async () => undefined
  }
  const unavailable = await missing(controlPlaneParts, env)
  if (unavailable !== undefined) {
    if (env.CI) throw new Error(`the cluster suites must run here, but ${unavailable}`)
    say(
      `SKIPPING every suite that needs a Kubernetes API: ${unavailable}. Set KUBECONFIG to use a cluster of yours.`,
    )
    project.provide('cluster', { unavailable })
    return async () => undefined
  }
  const plane = await startControlPlane({ env, say })
  project.provide('cluster', { kubeconfig: plane.kubeconfig, ours: true })
  return () => plane.stop()
}
