import type { Manifest } from '../kube/index.ts'
import { type JobIdentity, labelsOf, namesOf, selectorOf } from './names.ts'
import { compressionJobs } from './resources.ts'
import type { CompressionJobSpec } from './schema/index.ts'

/** What the operator knows and workers need. */
export interface WorkerSettings {
  image: string
  /** Environment of a worker that is no secret: KOMPRESSOR_KAFKA_BROKERS, KOMPRESSOR_S3_BUCKET … */
  env: Readonly<Record<string, string>>
  /** And that is one. */
  secretEnv: Readonly<Record<string, string>>
}

/** What files in work get at SIGTERM; the pod gets some more, to commit and leave the group. */
const graceSeconds = 120
const leaveSeconds = 15
const healthPort = 8081

/** Owned by the job: what the garbage collector takes away with it, because it is in the same namespace. */
function metadata(job: JobIdentity) {
  const { apiVersion, kind } = compressionJobs
  return {
    namespace: job.namespace,
    name: namesOf(job).worker,
    labels: labelsOf(job),
    ownerReferences: [{ apiVersion, kind, name: job.name, uid: job.uid, controller: true }],
  }
}

/** Credentials of the workers: the token of the job, and what they reach Kafka and the store with. */
export function workerSecret(job: JobIdentity, token: string, { secretEnv }: WorkerSettings): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata(job),
    type: 'Opaque',
    stringData: { ...secretEnv, KOMPRESSOR_JOB_TOKEN: token },
  }
}

/** Drains of nodes take one worker at a time. */
export function workerBudget(job: JobIdentity): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(job),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(job) } },
  }
}

/** The workers. Without replicas: those have one owner, the scale subresource. */
export function workerDeployment(
  job: JobIdentity,
  spec: CompressionJobSpec,
  settings: WorkerSettings,
): Manifest {
  const { topic, group, worker } = namesOf(job)
  const { resources, slots, nodeSelector, tolerations, affinity, ...pod } = spec.worker ?? {}
  const labels = { ...labelsOf(job), ...selectorOf(job) }
  const env = {
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
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(job),
    spec: {
      selector: { matchLabels: selectorOf(job) },
      // A worker that ends gives its partitions to the others: none has to wait for its successor.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 2,
      template: {
        metadata: { labels },
        spec: {
          ...pod,
          ...(nodeSelector !== undefined && { nodeSelector }),
          ...(tolerations !== undefined && { tolerations }),
          ...(affinity !== undefined && { affinity }),
          // Workers ask the API server nothing.
          automountServiceAccountToken: false,
          // A Service of our name would put its address where KOMPRESSOR_PORT is read.
          enableServiceLinks: false,
          terminationGracePeriodSeconds: graceSeconds + leaveSeconds,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            runAsGroup: 1000,
            fsGroup: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(
            (topologyKey) => ({
              maxSkew: 1,
              topologyKey,
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: selectorOf(job) },
            }),
          ),
          containers: [
            {
              name: 'worker',
              image: settings.image,
              args: ['worker'],
              env: Object.entries(env).map(([name, value]) => ({ name, value })),
              envFrom: [{ secretRef: { name: worker } }],
              resources: resources ?? {
                requests: { cpu: '2', memory: '2Gi' },
                limits: { cpu: '2', memory: '2Gi' },
              },
              ports: [{ name: 'health', containerPort: healthPort }],
              startupProbe: probe('/healthz', { periodSeconds: 1, failureThreshold: 60 }),
              livenessProbe: probe('/healthz', { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
              readinessProbe: probe('/readyz', { periodSeconds: 5, timeoutSeconds: 5 }),
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: 'scratch', mountPath: '/scratch' },
                { name: 'scratch', mountPath: '/tmp', subPath: 'tmp' },
              ],
            },
          ],
          volumes: [{ name: 'scratch', emptyDir: {} }],
        },
      },
    },
  }
}
