import type { Decision } from '../autoscale/index.ts'
import { publishJob } from '../store/index.ts'
import type { OperatorDeps } from './ports.ts'
import type { CompressionJob } from './resources.ts'
import { type CompressionJobSpec, type Status, specSchema } from './schema/index.ts'

export interface Known {
  status: Status
  /** Absent when nothing was decided. */
  decision?: Decision
  /** Records not done, by partition; absent when Kafka does not say. */
  lag?: readonly number[] | undefined
}

/** Writes down for the API, which asks no Kubernetes, what is known of a job now. */
export async function publish(
  { store, now }: Pick<OperatorDeps, 'store' | 'now'>,
  { metadata, spec }: Pick<CompressionJob, 'metadata' | 'spec'>,
  { status, decision, lag }: Known,
): Promise<void> {
  const { uid, namespace = '', name, creationTimestamp } = metadata
  const wanted = specSchema.safeParse(spec).data
  // Some of the status is for Kubernetes alone, and the last decision is one of those below.
  const {
    observedGeneration: _,
    selector: __,
    lastDecision: ___,
    conditions = [],
    replicas,
    ...rest
  } = status
  const ready = replicas?.ready ?? 0
  await publishJob(store.db, {
    uid,
    namespace,
    name,
    observedAt: now(),
    view: {
      ...rest,
      ...(creationTimestamp !== undefined && { createdAt: creationTimestamp }),
      ...(wanted !== undefined && { source: sourceText(wanted.source), suspended: wanted.suspend }),
      conditions,
      ...(lag !== undefined && { lag: { ...status.lag, partitions: [...lag] } }),
      replicas: { ...replicas, ...limitsOf(wanted) },
    },
    ...(decision !== undefined && {
      decision: {
        replicas: decision.replicas,
        ready,
        reason: decision.reason,
        sentence: decision.sentence,
        terms: { ...decision.terms },
      },
    }),
  })
}

function limitsOf(spec: CompressionJobSpec | undefined) {
  if (spec === undefined) return {}
  const { minReplicas: least, maxReplicas: most, replicas: fixed } = spec.scaling
  return { least, most, ...(fixed !== undefined && { fixed }) }
}

function sourceText({ s3, csv, urls }: CompressionJobSpec['source']): string {
  if (s3 !== undefined) return `s3://${s3.bucket}/${s3.prefix}`
  if (csv?.s3 !== undefined) return `s3://${csv.s3.bucket}/${csv.s3.key}`
  if (csv !== undefined) return 'csv'
  return urls === undefined ? 'ingest' : 'urls'
}
