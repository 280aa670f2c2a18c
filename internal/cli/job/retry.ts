import { z } from 'zod'
import { KompressorError } from '../../errors/index.ts'
import { ApiError } from '../../kube/index.ts'
import { callService, notOurs, parseJson } from '../service.ts'
import { plural } from '../terminal/format.ts'
import { type Cluster, compressionJobs, type Job, requireJob } from './cluster.ts'
import { stateOf } from './list.ts'

/** Milliseconds the service may take: it may have to queue many. */
const answerMs = 120_000
const retriedSchema = z.object({ retried: z.number() })

/** The most characters of a job's name: what the operator makes of it has to stay within Kubernetes' 63. */
const longestName = 45
const retryOfLabel = 'kompressor.dev/retry-of'

/**
 * Does again what failed of a job. Files that clients sent are queued again by the API. Of a source that is read the rest
 * is done by another job of the same spec: what is done already costs it the listing alone. The job is looked up first: a
 * misspelt name is told by the cluster.
 *
 * Throws job_not_found, not_failed when a job over a source has not ended, invalid_configuration when `codes` are named for
 * one, and what the API says.
 */
export async function retry(
  cluster: Cluster,
  name: string,
  { url, codes }: { url: string; codes: readonly string[] },
): Promise<string> {
  const job = await requireJob(cluster, name)
  return job.spec.source?.ingest === undefined
    ? await runAgain(cluster, job, codes)
    : await queueAgain(cluster, name, { url, codes })
}

async function queueAgain(
  { namespace }: Cluster,
  name: string,
  { url, codes }: { url: string; codes: readonly string[] },
): Promise<string> {
  const path = `/v1/jobs/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}/retry`
  const response = await callService(url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(codes.length > 0 ? { codes } : {}),
    signal: AbortSignal.timeout(answerMs),
  })
  const answer = retriedSchema.safeParse(parseJson(await response.text()))
  if (!answer.success) throw notOurs(url, answer.error)
  const { retried } = answer.data
  return retried === 0 ? nothingFailed(name) : `${plural(retried, 'file')} of ${name} queued again.`
}

const nothingFailed = (name: string) => `Nothing of ${name} has failed.`

async function runAgain(cluster: Cluster, job: Job, codes: readonly string[]): Promise<string> {
  const { name } = job.metadata
  if (codes.length > 0) {
    throw new KompressorError(
      'invalid_configuration',
      `--code chooses among files that clients sent; ${name} reads a source, and whatever is not done of it is done again`,
    )
  }
  const state = stateOf(job)
  if (state !== 'Complete' && state !== 'Failed') {
    throw new KompressorError(
      'not_failed',
      `${name} has not ended (${state}): what may succeed it tries again by itself, what failed for good can be done again afterwards`,
    )
  }
  const failed = job.status?.files?.failed ?? 0
  if (state === 'Complete' && failed === 0) return nothingFailed(name)
  const made = await create(cluster, job)
  return `${made} does again what is not done of ${name}, where ${plural(failed, 'file')} failed. See: kompressor job describe ${made}`
}

/** Makes a job of the same spec under the next free name, which it returns. */
async function create(cluster: Cluster, { spec, metadata }: Job): Promise<string> {
  const { apiVersion, kind } = compressionJobs
  const { namespace } = cluster
  const first = metadata.name.replace(/-retry-\d+$/, '')
  const labels = { [retryOfLabel]: metadata.name }
  for (let times = 1; ; times += 1) {
    const suffix = `-retry-${times}`
    const name = `${first.slice(0, longestName - suffix.length).replace(/[-.]+$/, '')}${suffix}`
    const manifest = { apiVersion, kind, metadata: { namespace, name, labels } }
    try {
      await cluster.client.create(compressionJobs, { ...manifest, spec: { ...spec, suspend: false } })
      return name
    } catch (error) {
      const isTaken = error instanceof ApiError && error.reason === 'AlreadyExists'
      if (!isTaken) throw error
    }
  }
}
