import { z } from 'zod'
import type { Manifest } from './client.ts'
import type { LeaseSpec } from './lease.ts'
import { defineResource, type ObjectRef } from './resource.ts'

export type Lease = ReturnType<typeof leases.parse>

export const leases = defineResource(
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', namespaced: true },
  {
    spec: z
      .object({
        holderIdentity: z.string().optional(),
        leaseDurationSeconds: z.number().optional(),
        acquireTime: z.string().optional(),
        renewTime: z.string().optional(),
        leaseTransitions: z.number().optional(),
      })
      .optional(),
  },
)

export function specOf({ spec = {} }: Lease): LeaseSpec {
  return {
    holder: spec.holderIdentity ?? '',
    durationSeconds: spec.leaseDurationSeconds ?? 0,
    acquireTime: spec.acquireTime,
    renewTime: spec.renewTime,
    transitions: spec.leaseTransitions ?? 0,
  }
}

/** @param version of the object this was decided on: somebody who was faster makes the write a conflict */
export function leaseManifest(ref: ObjectRef, spec: LeaseSpec, version: string | undefined): Manifest {
  return {
    apiVersion: leases.apiVersion,
    kind: leases.kind,
    metadata: { ...ref, ...(version !== undefined && { resourceVersion: version }) },
    spec: {
      holderIdentity: spec.holder,
      leaseDurationSeconds: spec.durationSeconds,
      acquireTime: spec.acquireTime,
      renewTime: spec.renewTime,
      leaseTransitions: spec.transitions,
    },
  }
}
