import { z } from 'zod'
import { estimateSummarySchema } from '../estimate/index.ts'

const count = z.int().nonnegative()
const moment = z.iso.datetime()

/**
 * What the operator saw of a CompressionJob when it last looked: its status, and what of the rest people ask for. The
 * operator writes it, the API shows it.
 */
export const jobViewSchema = z.object({
  source: z.string().optional().describe('What it reads: `ingest`, `s3://bucket/prefix`, `csv` or `urls`.'),
  suspended: z.boolean().optional(),
  createdAt: moment.optional(),
  conditions: z
    .array(
      z.object({
        type: z.string(),
        status: z.enum(['True', 'False', 'Unknown']),
        reason: z.string(),
        message: z.string(),
        lastTransitionTime: moment,
      }),
    )
    .describe('As in the status of the resource.'),
  files: z
    .object({
      found: count.optional(),
      queued: count.optional(),
      processing: count.optional(),
      completed: count.optional(),
      kept: count.optional(),
      skipped: count.optional(),
      failed: count.optional(),
    })
    .optional(),
  bytes: z
    .object({ in: count.optional(), out: count.optional(), saved: z.int().optional() })
    .optional()
    .describe('Of the files that are done.'),
  savingsPercent: z.number().optional(),
  lag: z
    .object({
      records: count.optional(),
      workSeconds: z.number().optional().describe('Predicted, of one slot.'),
      partitions: z.array(count).optional().describe('Records not done, by partition.'),
    })
    .optional()
    .describe('What waits. Absent while Kafka does not say.'),
  replicas: z
    .object({
      desired: count.optional(),
      ready: count.optional(),
      busy: count.optional(),
      least: count.optional().describe('spec.scaling.minReplicas'),
      most: count.optional().describe('spec.scaling.maxReplicas'),
      fixed: count.optional().describe('spec.scaling.replicas'),
    })
    .optional()
    .describe('Worker pods.'),
  throughput: z
    .object({ filesPerSecond: z.number().optional(), bytesPerSecond: z.number().optional() })
    .optional(),
  estimatedCompletionTime: moment.optional(),
  usage: z.object({ coreSeconds: z.number().optional() }).optional(),
  estimate: estimateSummarySchema.optional().describe('What mode Estimate predicts.'),
  topFailures: z.array(z.object({ code: z.string(), count, example: z.string() })).optional(),
  startTime: moment.optional(),
  completionTime: moment.optional(),
})

export type JobView = z.infer<typeof jobViewSchema>

/** One answer to the question how many workers a job should have. */
export const jobDecisionSchema = z.object({
  at: moment,
  replicas: count.describe('Worker pods decided on.'),
  ready: count.describe('Those that were ready.'),
  reason: z.string().describe('In one word, for programs.'),
  sentence: z.string().describe('For people.'),
  terms: z.record(z.string(), z.number()).describe('Every number the decision was made of.'),
})
