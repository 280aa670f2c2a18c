import { createInterface } from 'node:readline'
import { z } from 'zod'
import { KompressorError } from '../../errors/index.ts'
import { defineResource, type KubeObject, pathOf } from '../../kube/index.ts'
import type { Output } from '../terminal/output.ts'
import { type Cluster, requireJob } from './cluster.ts'

const pods = defineResource(
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  { status: z.object({ phase: z.string().optional() }).optional() },
)

/** Prints what every pod of the job logs, at the same time, each line behind the name of its pod. */
export async function logs(
  cluster: Cluster,
  name: string,
  { follow, tail, out }: { follow: boolean; tail: number; out: Output },
): Promise<void> {
  const { client, namespace } = cluster
  const { metadata } = await requireJob(cluster, name)
  const labelSelector = `kompressor.dev/job-uid=${metadata.uid}`
  const { items } = await client.list(pods, { namespace, labelSelector })
  const begun = items.filter(({ status }) => status?.phase !== 'Pending')
  if (begun.length === 0) {
    throw new KompressorError(
      'job_not_found',
      items.length === 0
        ? `${name} has no pods now; kompressor job describe ${name} says why`
        : `none of the ${items.length} pods of ${name} has begun; kubectl describe pods -n ${namespace} -l ${labelSelector} says why`,
    )
  }
  await Promise.all(begun.map((pod) => printLog(cluster, pod, { follow, tail, out })))
}

async function printLog(
  { transport }: Cluster,
  pod: KubeObject,
  { follow, tail, out }: { follow: boolean; tail: number; out: Output },
): Promise<void> {
  const body = await transport.open({
    verb: 'get',
    resource: 'pods/log',
    method: 'GET',
    path: pathOf(pods, pod.metadata, 'log'),
    query: { follow, tailLines: tail },
  })
  for await (const line of createInterface({ input: body })) out.write(`[${pod.metadata.name}] ${line}\n`)
}
