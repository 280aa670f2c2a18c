import { z } from 'zod'
import { defineResource } from '../kube/index.ts'
import { group, kind, plural, statusSchema, version } from './schema/index.ts'

/** Spec and status are parsed where they are used: one object nobody can read must not stop the others. */
export const compressionJobs = defineResource(
  { apiVersion: `${group}/${version}`, kind, plural, namespaced: true },
  { spec: z.unknown(), status: statusSchema.optional().catch(undefined) },
)
export type CompressionJob = ReturnType<typeof compressionJobs.parse>

export const deployments = defineResource(
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  {
    spec: z.object({ replicas: z.number().optional() }),
    status: z
      .object({ readyReplicas: z.number().optional(), observedGeneration: z.number().optional() })
      .optional(),
  },
)
export type Deployment = ReturnType<typeof deployments.parse>

export const secrets = defineResource(
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  { data: z.record(z.string(), z.base64()).optional() },
)

export const disruptionBudgets = defineResource(
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', namespaced: true },
  {},
)

/** The planner, the report writer and the eraser of a job that ends. */
export const taskJobs = defineResource(
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true },
  {
    spec: z.object({ suspend: z.boolean().optional() }),
    status: z
      .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional() })
      .optional(),
  },
)
export type TaskJob = ReturnType<typeof taskJobs.parse>

export const pods = defineResource(
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  {
    status: z
      .object({
        phase: z.string().optional(),
        conditions: z
          .array(
            z.object({
              type: z.string(),
              status: z.string(),
              reason: z.string().optional(),
              message: z.string().optional(),
            }),
          )
          .optional(),
        containerStatuses: z
          .array(
            z.object({
              state: z
                .object({
                  waiting: z
                    .object({ reason: z.string().optional(), message: z.string().optional() })
                    .optional(),
                })
                .optional(),
            }),
          )
          .optional(),
      })
      .optional(),
  },
)
export type Pod = ReturnType<typeof pods.parse>

export function withReplicas(deployment: Deployment, replicas: number): Deployment {
  return { ...deployment, spec: { ...deployment.spec, replicas } }
}
