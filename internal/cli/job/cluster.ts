import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { type Environment, suggest } from '../../config/index.ts'
import { KompressorError } from '../../errors/index.ts'
import { estimateSummarySchema } from '../../estimate/index.ts'
import {
  ApiError,
  type Client,
  createClient,
  createTransport,
  currentNamespace,
  defineResource,
  type KubeConfig,
  loadKubeConfig,
  NoAnswerError,
  type Transport,
} from '../../kube/index.ts'
import type { ClusterConfig } from './commands.ts'

const count = z.number().optional()

/** What is read of a job: only what is shown, so that it goes on working with operators of other versions. */
const statusSchema = z.object({
  conditions: z
    .array(
      z.object({
        type: z.string(),
        status: z.string(),
        reason: z.string(),
        message: z.string(),
        lastTransitionTime: z.string(),
      }),
    )
    .optional(),
  files: z
    .object({
      found: count,
      queued: count,
      processing: count,
      completed: count,
      kept: count,
      skipped: count,
      failed: count,
    })
    .optional(),
  bytes: z.object({ in: count, out: count, saved: count }).optional(),
  lag: z.object({ records: count, workSeconds: count }).optional(),
  replicas: z.object({ desired: count, ready: count, busy: count }).optional(),
  throughput: z.object({ filesPerSecond: count, bytesPerSecond: count }).optional(),
  estimatedCompletionTime: z.string().optional(),
  estimate: estimateSummarySchema.optional(),
  topFailures: z.array(z.object({ code: z.string(), count: z.number(), example: z.string() })).optional(),
  lastDecision: z
    .object({ at: z.string(), reason: z.string(), terms: z.record(z.string(), z.number()).optional() })
    .optional(),
})

/** What is not read is kept: a job is made again of its spec. */
const bucketSchema = z.looseObject({
  bucket: z.string(),
  prefix: z.string().optional(),
  endpoint: z.string().optional(),
  region: z.string().optional(),
})
const specSchema = z.looseObject({
  suspend: z.boolean().optional(),
  source: z
    .looseObject({
      s3: bucketSchema.optional(),
      csv: z.unknown().optional(),
      urls: z.unknown().optional(),
      ingest: z.unknown().optional(),
    })
    .optional(),
  output: z.looseObject({ s3: bucketSchema.optional() }).optional(),
  scaling: z.looseObject({ replicas: z.number().optional(), maxReplicas: z.number().optional() }).optional(),
})

export const compressionJobs = defineResource(
  {
    apiVersion: 'kompressor.dev/v1alpha1',
    kind: 'CompressionJob',
    plural: 'compressionjobs',
    namespaced: true,
  },
  { spec: specSchema, status: statusSchema.optional() },
)
export type Job = ReturnType<typeof compressionJobs.parse>

export interface Cluster {
  client: Client
  transport: Transport
  /** The one asked for, or of the context. */
  namespace: string
  /** Where the API server is, for messages. */
  server: string
}

/** Works with the cluster a kubeconfig names. Throws invalid_configuration, cluster_denied, cluster_unavailable. */
export async function withCluster<T>(
  config: ClusterConfig,
  env: Environment,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const kubeConfig = configOf(config, env)
  const transport = createTransport(kubeConfig, { userAgent: 'kompressor-cli' })
  const client = createClient(transport, { fieldManager: 'kompressor-cli' })
  const namespace = config.namespace ?? currentNamespace(kubeConfig)
  const server = kubeConfig.getCurrentCluster()?.server ?? ''
  try {
    return await work({ client, transport, namespace, server })
  } catch (error) {
    throw explained(error, { namespace, server })
  } finally {
    transport.close()
  }
}

function configOf({ kubeconfig, context }: ClusterConfig, env: Environment): KubeConfig {
  const anywhere =
    kubeconfig !== undefined ||
    (env.KUBECONFIG ?? '') !== '' ||
    env.KUBERNETES_SERVICE_HOST !== undefined ||
    existsSync(path.join(os.homedir(), '.kube', 'config'))
  if (!anywhere) {
    throw new KompressorError(
      'invalid_configuration',
      'no cluster is configured: there is no ~/.kube/config; name a kubeconfig with --kubeconfig or KUBECONFIG',
    )
  }
  try {
    return loadKubeConfig({ kubeconfig, context })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new KompressorError('invalid_configuration', `the kubeconfig cannot be used: ${why}`, { cause })
  }
}

/** What the API server, or the way to it, says: in words of what to do. */
function explained(error: unknown, { namespace, server }: { namespace: string; server: string }): unknown {
  if (error instanceof KompressorError) return error
  if (error instanceof ApiError) {
    const { status, message } = error
    if (status === 401) {
      return new KompressorError(
        'cluster_denied',
        `${server} does not know who you are: sign in again (${message})`,
        {
          cause: error,
        },
      )
    }
    if (status === 403) {
      return new KompressorError(
        'cluster_denied',
        `you may not do that in namespace ${namespace}; whoever runs the cluster can bind you a role for compressionjobs of kompressor.dev (${message})`,
        { cause: error },
      )
    }
    if (status === 422 || status === 400)
      return new KompressorError('invalid_request', message, { cause: error })
    return new KompressorError('cluster_unavailable', message, { cause: error })
  }
  if (error instanceof NoAnswerError) {
    const { cause } = error
    const why = cause instanceof Error && 'code' in cause ? cause.code : error.message
    return new KompressorError(
      'cluster_unavailable',
      `${server} does not answer (${why}): is the cluster up, and the context the right one?`,
      { cause: error },
    )
  }
  return error
}

/** Every job of a namespace, or of all. Throws job_not_found when the cluster does not know CompressionJobs at all. */
export async function listEvery({ client }: Cluster, namespace: string | undefined): Promise<Job[]> {
  const jobs: Job[] = []
  let token: string | undefined
  do {
    const more = { limit: 500, ...(token !== undefined && { continue: token }) }
    const page = await client.list(compressionJobs, { namespace, ...more }).catch(refuseWithoutCrd)
    jobs.push(...page.items)
    token = page.continue
  } while (token !== undefined)
  return jobs
}

function refuseWithoutCrd(error: unknown): never {
  if (!(error instanceof ApiError && error.status === 404)) throw error
  throw new KompressorError(
    'job_not_found',
    'this cluster does not know CompressionJobs; docs/operator.md says how to install them',
    { cause: error },
  )
}

/** The job of this name. Throws job_not_found with the name that may have been meant. */
export async function requireJob(cluster: Cluster, name: string): Promise<Job> {
  const { client, namespace } = cluster
  const job = await client.get(compressionJobs, { namespace, name })
  if (job !== undefined) return job
  const names = (await listEvery(cluster, namespace)).map(({ metadata }) => metadata.name)
  const meant = suggest(name, names)
  const hint =
    meant !== undefined
      ? `did you mean ${meant}?`
      : names.length === 0
        ? 'there is none in it; --namespace names another, kompressor job ls -A lists all'
        : `there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`
  throw new KompressorError('job_not_found', `no CompressionJob ${name} in namespace ${namespace}; ${hint}`)
}
