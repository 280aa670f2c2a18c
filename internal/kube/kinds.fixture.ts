import { z } from 'zod'
import { defineResource } from './index.ts'

export const configMaps = defineResource(
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  { data: z.record(z.string(), z.string()).optional() },
)

export const deployments = defineResource(
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  { spec: z.object({ replicas: z.number().optional(), paused: z.boolean().optional() }) },
)

export const configMap = (namespace: string, name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name },
  data,
})
