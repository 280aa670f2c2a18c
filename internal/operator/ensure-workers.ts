import { createHash } from 'node:crypto'
import { isConflict, type Manifest } from '../kube/index.ts'
import type { JobIdentity } from './names.ts'
import type { EnvVar } from './pod.ts'
import type { OperatorDeps } from './ports.ts'
import { type Deployment, deployments, disruptionBudgets, secrets } from './resources.ts'
import type { CompressionJobSpec } from './schema/index.ts'
import { workerBudget, workerDeployment, workerSecret } from './worker-manifests.ts'

/** Remembers what was applied, so that a reconcile that changes nothing writes nothing. */
export interface Applied {
  hash: string
  /** Of the Deployment after our last write; another one means that somebody else wrote. */
  generation: number | undefined
}

/** The part of the environment that says where workers read and write. */
export interface Buckets {
  env: readonly EnvVar[]
  secretEnv: Readonly<Record<string, string>>
}

/**
 * Secret, disruption budget and Deployment of the workers as the spec wants them. The Deployment begins with no pod; after
 * that its replicas belong to the scale subresource.
 */
export async function ensureWorkers(
  { client, tokens, workers }: Pick<OperatorDeps, 'client' | 'tokens' | 'workers'>,
  job: JobIdentity,
  spec: CompressionJobSpec,
  {
    existing,
    applied,
    buckets,
    signal,
  }: {
    existing: Deployment | undefined
    applied: Applied | undefined
    /** Where they read and write. */
    buckets: Buckets
    signal: AbortSignal
  },
): Promise<{ deployment: Deployment; applied: Applied }> {
  const secret = workerSecret(job, tokens.mint(job.uid), { ...workers.secretEnv, ...buckets.secretEnv })
  const budget = workerBudget(job)
  const manifest = workerDeployment(job, spec, workers, buckets.env)
  const hash = createHash('sha256')
    .update(JSON.stringify([secret, budget, manifest]))
    .digest('hex')
  if (
    existing !== undefined &&
    applied?.hash === hash &&
    applied.generation === existing.metadata.generation
  ) {
    return { deployment: existing, applied }
  }
  await client.apply(secrets, secret, { signal })
  await client.apply(disruptionBudgets, budget, { signal })
  if (existing === undefined) await createEmpty(client, manifest, signal)
  const deployment = await client.apply(deployments, manifest, { signal })
  return { deployment, applied: { hash, generation: deployment.metadata.generation } }
}

/** Applied without replicas, a new Deployment would begin with one pod. */
async function createEmpty(
  client: OperatorDeps['client'],
  manifest: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const spec = { ...Object(manifest.spec), replicas: 0 }
  try {
    await client.create(deployments, { ...manifest, spec }, { signal })
  } catch (error) {
    // Made by an earlier reconcile that we have not heard of yet.
    if (!isConflict(error)) throw error
  }
}
