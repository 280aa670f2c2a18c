import { workerNodeOptions } from '../config/index.ts'
import type { Manifest } from '../kube/index.ts'
import { type JobIdentity, labelsOf, namesOf, selectorOf } from './names.ts'
import { type EnvVar, ownedMetadata, plainEnv, podSpec } from './pod.ts'
import type { CompressionJobSpec } from './schema/index.ts'

/** Environment of a process: what is no secret, KOMPRESSOR_KAFKA_BROKERS …, and what is one. */
export interface Settings {
  env: Readonly<Record<string, string>>
  secretEnv: Readonly<Record<string, string>>
}

/** What the operator knows and workers need. */
export interface WorkerSettings extends Settings {
  image: string
  /** The bucket of the install, for jobs that take uploads; the others name theirs. */
  bucket: Settings
}

/** What files in work get at SIGTERM; the pod gets some more, to commit and leave the group. */
const graceSeconds = 120
const leaveSeconds = 15
const healthPort = 8081

/** Credentials of the workers: the token of the job, and what they reach Kafka and the store with. */
export function workerSecret(
  job: JobIdentity,
  token: string,
  secretEnv: Readonly<Record<string, string>>,
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownedMetadata(job, namesOf(job).worker),
    type: 'Opaque',
    stringData: { ...secretEnv, KOMPRESSOR_JOB_TOKEN: token },
  }
}

/** Drains of nodes take one worker at a time. */
export function workerBudget(job: JobIdentity): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: ownedMetadata(job, namesOf(job).worker),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(job) } },
  }
}

/**
 * The workers. Without replicas: those have one owner, the scale subresource.
 *
 * @param buckets where they read and write, beside what all workers are told
 */
export function workerDeployment(
  job: JobIdentity,
  spec: CompressionJobSpec,
  settings: WorkerSettings,
  buckets: readonly EnvVar[],
): Manifest {
  const { topic, group, worker } = namesOf(job)
  const { slots } = spec.worker ?? {}
  const labels = { ...labelsOf(job), ...selectorOf(job) }
  const env = {
    NODE_OPTIONS: workerNodeOptions,
    ...settings.env,
    KOMPRESSOR_JOB: job.uid,
    KOMPRESSOR_TOPIC: topic,
    KOMPRESSOR_GROUP: group,
    KOMPRESSOR_HOST: '0.0.0.0',
    KOMPRESSOR_PORT: String(healthPort),
    KOMPRESSOR_GRACE: `${graceSeconds}s`,
    KOMPRESSOR_SCRATCH_DIR: '/scratch',
    KOMPRESSOR_LOG_FORMAT: 'json',
    ...(slots !== undefined && { KOMPRESSOR_SLOTS: String(slots) }),
  }
  const probe = (path: string, rest: object) => ({ httpGet: { path, port: 'health' }, ...rest })
  const container = {
    name: 'worker',
    image: settings.image,
    args: ['worker'],
    env: [...plainEnv(env), ...buckets],
    envFrom: [{ secretRef: { name: worker } }],
    resources: workerResources(spec),
    ports: [{ name: 'health', containerPort: healthPort }],
    startupProbe: probe('/healthz', { periodSeconds: 1, failureThreshold: 60 }),
    livenessProbe: probe('/healthz', { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
    readinessProbe: probe('/readyz', { periodSeconds: 5, timeoutSeconds: 5 }),
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: ownedMetadata(job, worker),
    spec: {
      selector: { matchLabels: selectorOf(job) },
      // A worker that ends gives its partitions to the others: none has to wait for its successor.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 2,
      template: {
        metadata: { labels },
        spec: {
          ...podSpec(spec, container),
          terminationGracePeriodSeconds: graceSeconds + leaveSeconds,
          topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(
            (topologyKey) => ({
              maxSkew: 1,
              topologyKey,
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: selectorOf(job) },
            }),
          ),
        },
      },
    },
  }
}

/** What a pod that compresses may take. */
export function workerResources({ worker }: CompressionJobSpec): object {
  return worker?.resources ?? { requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '2', memory: '2Gi' } }
}
