import { z } from 'zod'

const quantities = z.record(
  z.string().max(253),
  z.union([z.int(), z.string()]).meta({ 'x-kubernetes-int-or-string': true }),
)

/** The parts of a pod that people need to say something about, as Kubernetes spells them. */
export const workerSchema = z
  .object({
    resources: z
      .object({
        requests: quantities.optional().describe('What a pod is promised: {cpu: "2", memory: 2Gi}.'),
        limits: quantities.optional().describe('What a pod may use.'),
      })
      .optional()
      .describe('CPU and memory of a worker. Default: 2 CPUs and 2Gi, requested and limited.'),
    nodeSelector: z
      .record(z.string().max(316), z.string().max(63))
      .optional()
      .describe('Labels of the nodes that workers may run on.'),
    tolerations: z
      .array(
        z.object({
          key: z.string().max(316).optional().describe('Key of the taint; all of them when empty.'),
          operator: z.enum(['Equal', 'Exists']).optional().describe('Default Equal.'),
          value: z.string().max(63).optional().describe('Value of the taint.'),
          effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Default all.'),
          tolerationSeconds: z.int().optional().describe('How long NoExecute is tolerated, seconds.'),
        }),
      )
      .max(50)
      .optional()
      .describe('Taints that workers put up with.'),
    affinity: z
      .record(z.string(), z.unknown())
      .meta({ 'x-kubernetes-preserve-unknown-fields': true })
      .optional()
      .describe('A Kubernetes affinity, as in a pod.'),
    serviceAccountName: z
      .string()
      .max(253)
      .optional()
      .describe('Service account of the workers, for credentials bound to it. They call no Kubernetes API.'),
    priorityClassName: z.string().max(253).optional().describe('Priority class of the workers.'),
    slots: z
      .int()
      .min(1)
      .max(128)
      .optional()
      .describe('Files a pod compresses at a time. Default: its CPU limit, rounded up.'),
  })
  .describe('The worker pods.')
