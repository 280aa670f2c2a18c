import { z } from 'zod'
import { durationText } from './common.ts'
import { rules } from './rules.ts'

export const scalingSchema = z
  .object({
    minReplicas: z
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe('Fewest worker pods. With 0 there are none while there is nothing to do.'),
    maxReplicas: z.int().min(1).max(1000).default(10).describe('Most worker pods.'),
    targetDrainSeconds: z
      .int()
      .min(10)
      .max(86_400)
      .default(60)
      .describe(
        'How soon waiting work should be done, seconds. For jobs that take uploads; the fewer, the more pods.',
      ),
    finishWithin: durationText
      .optional()
      .describe(
        'When a job that reads a bucket or a list should be done, counted from its start: 8h. The fewest pods that ' +
          'manage that are used; without it, maxReplicas.',
      ),
    scaleDownStabilizationSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(180)
      .describe('How long less work must have been enough before pods are taken away, seconds.'),
    mode: z
      .enum(['Active', 'DryRun'])
      .default('Active')
      .describe('DryRun decides and says so in the status, and changes nothing.'),
    replicas: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe(
        'Fixes the number of pods: `kubectl scale`, an HPA or KEDA write here. Empty means automatic.',
      ),
  })
  .meta(
    rules({
      rule: 'self.minReplicas <= self.maxReplicas',
      message: 'minReplicas must not exceed maxReplicas',
      fieldPath: '.minReplicas',
    }),
  )
  .describe(
    'How many worker pods there are. The operator looks every 5 s at the work that is waiting and how fast it is done; ' +
      'status.lastDecision says in a sentence what it made of that.',
  )
