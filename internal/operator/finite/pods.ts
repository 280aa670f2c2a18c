import { bucketUrl } from '../../config/index.ts'
import type { Manifest } from '../../kube/index.ts'
import { eraserSelectorOf, type JobIdentity, managedBy, namesOf, taskSelectorOf } from '../names.ts'
import { type EnvVar, type ExtraVolume, ownedMetadata, plainEnv, podSpec } from '../pod.ts'
import type { CompressionJobSpec } from '../schema/index.ts'
import { settingsOf } from '../settings.ts'
import { type WorkerSettings, workerResources } from '../worker-manifests.ts'

/** Where no region is named. */
const usualRegion = 'us-east-1'

interface Place {
  bucket: string
  endpoint?: string | undefined
  region?: string | undefined
  credentialsSecretRef?: { name: string } | undefined
}

/** The bucket outputs go to, by the flags `--s3-…`. */
export function outputEnv({ output }: CompressionJobSpec): EnvVar[] {
  if (output === undefined) return []
  const { bucket, endpoint, region = usualRegion, credentialsSecretRef } = output.s3
  return [
    ...plainEnv({
      KOMPRESSOR_S3_BUCKET: bucket,
      KOMPRESSOR_S3_REGION: region,
      ...(endpoint !== undefined && { KOMPRESSOR_S3_ENDPOINT: endpoint }),
    }),
    ...credentials('KOMPRESSOR_S3', credentialsSecretRef),
  ]
}

/** The further buckets of the outputs, by the flags `--replica…`. */
export function replicaEnv({ output }: CompressionJobSpec): EnvVar[] {
  return (output?.replicas ?? []).flatMap((place, index) => {
    const { bucket, prefix, region = usualRegion, credentialsSecretRef } = place
    const endpoint = (place.endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/$/, '')
    const name = `KOMPRESSOR_REPLICA${index + 1}`
    return [
      ...plainEnv({ [name]: bucketUrl({ withPrefix: true }).format({ endpoint, bucket, region, prefix }) }),
      ...credentials(name, credentialsSecretRef),
    ]
  })
}

/** What workers read, by the flags `--source-…`: a bucket, or the web. */
export function sourceEnv({ source: { s3 } }: CompressionJobSpec): EnvVar[] {
  return s3 === undefined ? plainEnv({ KOMPRESSOR_SOURCE_WEB: 'true' }) : bucketEnv(s3)
}

/** What the planner reads: a bucket that is listed or has the list, or the list itself. */
function plannerEnv({ source: { s3, csv } }: CompressionJobSpec): EnvVar[] {
  const place = s3 ?? csv?.s3
  if (place !== undefined) return bucketEnv(place)
  return csv === undefined ? [] : plainEnv({ KOMPRESSOR_SOURCE_FILE: `${listFolder}/${listFile}` })
}

const listFolder = '/list'
const listFile = 'list.csv'

/** The ConfigMap with the list. Optional: what is missing the planner says, and finds it when somebody makes it. */
function listVolume({ source: { csv } }: CompressionJobSpec): ExtraVolume[] {
  if (csv?.configMapKeyRef === undefined) return []
  const { name, key } = csv.configMapKeyRef
  const configMap = { name, optional: true, items: [{ key, path: listFile }] }
  return [{ volume: { name: 'list', configMap }, mountPath: listFolder }]
}

function bucketEnv(place: Place): EnvVar[] {
  const { bucket, endpoint, region = usualRegion, credentialsSecretRef } = place
  return [
    ...plainEnv({
      KOMPRESSOR_SOURCE_BUCKET: bucket,
      KOMPRESSOR_SOURCE_REGION: region,
      ...(endpoint !== undefined && { KOMPRESSOR_SOURCE_ENDPOINT: endpoint }),
    }),
    ...credentials('KOMPRESSOR_SOURCE', credentialsSecretRef),
  ]
}

/** Put into the container by the kubelet: the operator sees no secret of anybody. */
function credentials(prefix: string, ref: Place['credentialsSecretRef']): EnvVar[] {
  if (ref === undefined) return []
  const from = (key: string, optional?: true) => ({
    secretKeyRef: { name: ref.name, key, ...(optional && { optional }) },
  })
  return [
    { name: `${prefix}_ACCESS_KEY_ID`, valueFrom: from('AWS_ACCESS_KEY_ID') },
    { name: `${prefix}_SECRET_ACCESS_KEY`, valueFrom: from('AWS_SECRET_ACCESS_KEY') },
    { name: `${prefix}_SESSION_TOKEN`, valueFrom: from('AWS_SESSION_TOKEN', true) },
  ]
}

/**
 * Restarts of a container, with the pauses of the kubelet in between. Never given up: what is wrong is said in the status,
 * and is somebody's to put right.
 */
const restarts = 1_000_000

/** Pods of an eraser, each of which tries several times. One that goes with its node has not failed. */
const bounded = {
  backoffLimit: 2,
  podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] },
}

function eraserSettings(
  { namespace, name }: JobIdentity,
  { output, limits }: CompressionJobSpec,
): Record<string, string> {
  const { prefix = '' } = output?.s3 ?? {}
  const { requestsPerSecond } = limits ?? {}
  return {
    KOMPRESSOR_JOB_NAMESPACE: namespace,
    KOMPRESSOR_JOB_NAME: name,
    ...(prefix !== '' && { KOMPRESSOR_OUTPUT_PREFIX: prefix }),
    ...(requestsPerSecond !== undefined && { KOMPRESSOR_REQUESTS_PER_SECOND: String(requestsPerSecond) }),
  }
}

const light = { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '1', memory: '1Gi' } }

export type TaskKind = 'planner' | 'report' | 'eraser'

/**
 * A pod that ends by itself: the planner at the beginning, the report writer at the end, the eraser when all is to go. In
 * mode Estimate the planner compresses a sample, with what a worker may take.
 */
export function taskJob(
  kind: TaskKind,
  job: JobIdentity,
  spec: CompressionJobSpec,
  { image, env }: WorkerSettings,
): Manifest {
  const names = namesOf(job)
  const estimates = kind === 'planner' && spec.mode === 'Estimate'
  const own = ['KOMPRESSOR_API_URL'].flatMap((name) =>
    env[name] === undefined ? [] : [[name, env[name]] as const],
  )
  const container = {
    name: kind,
    image,
    args: [kind],
    env: [
      ...plainEnv({
        ...Object.fromEntries(own),
        KOMPRESSOR_JOB: job.uid,
        KOMPRESSOR_LOG_FORMAT: 'json',
        ...(kind === 'eraser' && eraserSettings(job, spec)),
        ...((kind === 'report' || estimates) && { KOMPRESSOR_SCRATCH_DIR: '/scratch' }),
        ...(estimates && {
          KOMPRESSOR_ESTIMATE: 'true',
          KOMPRESSOR_REPLICAS: String(spec.scaling.maxReplicas),
          KOMPRESSOR_REPLICA_SLOTS: String(settingsOf(spec).slots),
        }),
      }),
      // Of all the Secret holds it gets the token alone: neither has anything to do with Kafka.
      {
        name: 'KOMPRESSOR_JOB_TOKEN',
        valueFrom: {
          // The eraser only tells the API what is wrong; the Secret may go before it with the resource.
          secretKeyRef: {
            name: names.worker,
            key: 'KOMPRESSOR_JOB_TOKEN',
            ...(kind === 'eraser' && { optional: true }),
          },
        },
      },
      ...outputEnv(spec),
      ...(kind === 'planner' ? plannerEnv(spec) : []),
      ...(kind === 'report' ? [] : replicaEnv(spec)),
    ],
    resources: estimates ? workerResources(spec) : light,
  }
  const { ownerReferences, ...named } = ownedMetadata(job, names[kind])
  // `kubectl delete --cascade=foreground` takes away what the resource owns before the resource: it would be the eraser too.
  const metadata = kind === 'eraser' ? named : { ...named, ownerReferences }
  const labels = {
    'app.kubernetes.io/name': 'kompressor',
    'app.kubernetes.io/component': kind,
    'app.kubernetes.io/instance': job.name,
    'app.kubernetes.io/managed-by': managedBy,
    ...(kind === 'eraser' ? eraserSelectorOf(job) : taskSelectorOf(job)),
  }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, labels },
    spec: {
      ...(kind === 'eraser' ? bounded : { backoffLimit: restarts }),
      template: {
        metadata: { labels },
        spec: {
          ...podSpec(spec, container, kind === 'planner' ? listVolume(spec) : []),
          restartPolicy: kind === 'eraser' ? 'Never' : 'OnFailure',
        },
      },
    },
  }
}
