import { type JobIdentity, labelsOf } from './names.ts'
import { compressionJobs } from './resources.ts'
import type { CompressionJobSpec } from './schema/index.ts'

/** A variable of a container, or where it comes from. */
export type EnvVar =
  | { name: string; value: string }
  | { name: string; valueFrom: { secretKeyRef: { name: string; key: string; optional?: boolean } } }

/** A volume only one kind of pod has, and where it is. */
export interface ExtraVolume {
  volume: { name: string } & Record<string, unknown>
  mountPath: string
}

/** Owned by the job: what the garbage collector takes away with it, because it is in the same namespace. */
export function ownedMetadata(job: JobIdentity, name: string) {
  const { apiVersion, kind } = compressionJobs
  return {
    namespace: job.namespace,
    name,
    labels: labelsOf(job),
    ownerReferences: [{ apiVersion, kind, name: job.name, uid: job.uid, controller: true }],
  }
}

export function plainEnv(values: Readonly<Record<string, string>>): EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

/** What every pod of ours runs under: restricted, with a scratch volume, without access to the Kubernetes API. */
export function podSpec(
  spec: CompressionJobSpec,
  container: Record<string, unknown>,
  extra: readonly ExtraVolume[] = [],
) {
  const { resources: _, slots: __, nodeSelector, tolerations, affinity, ...pod } = spec.worker ?? {}
  return {
    ...pod,
    ...(nodeSelector !== undefined && { nodeSelector }),
    ...(tolerations !== undefined && { tolerations }),
    ...(affinity !== undefined && { affinity }),
    automountServiceAccountToken: false,
    // A Service of our name would put its address where KOMPRESSOR_PORT is read.
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        ...container,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'scratch', mountPath: '/scratch' },
          { name: 'scratch', mountPath: '/tmp', subPath: 'tmp' },
          ...extra.map(({ volume: { name }, mountPath }) => ({ name, mountPath, readOnly: true })),
        ],
      },
    ],
    volumes: [{ name: 'scratch', emptyDir: {} }, ...extra.map(({ volume }) => volume)],
  }
}
