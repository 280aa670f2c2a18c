import { z } from 'zod'
import { callService, notOurs, parseJson } from '../service.ts'
import { plural } from '../terminal/format.ts'
import { type Cluster, requireJob } from './cluster.ts'

/** Milliseconds the service may take: it may have to queue many. */
const answerMs = 120_000
const retriedSchema = z.object({ retried: z.number() })

/** Asks the API to queue failed files again. The job is looked up first: a misspelt name is told by the cluster. */
export async function retry(
  cluster: Cluster,
  name: string,
  { url, codes }: { url: string; codes: readonly string[] },
): Promise<string> {
  await requireJob(cluster, name)
  const path = `/v1/jobs/${encodeURIComponent(cluster.namespace)}/${encodeURIComponent(name)}/retry`
  const response = await callService(url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(codes.length > 0 ? { codes } : {}),
    signal: AbortSignal.timeout(answerMs),
  })
  const answer = retriedSchema.safeParse(parseJson(await response.text()))
  if (!answer.success) throw notOurs(url, answer.error)
  const { retried } = answer.data
  return retried === 0
    ? `Nothing of ${name} has failed.`
    : `${plural(retried, 'file')} of ${name} queued again.`
}
