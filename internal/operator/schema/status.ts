import { z } from 'zod'
import { estimateSummarySchema } from '../../estimate/index.ts'

const count = (what: string) => z.int().optional().describe(what)
const moment = (what: string) => z.iso.datetime().optional().describe(what)

/** The closed set of conditions; docs/reference/compressionjob.md explains each. */
export const conditionTypes = {
  Ready: 'Topic, credentials and workers are in place.',
  Planned: 'Everything the source has was found and queued.',
  Progressing: 'Files are being worked on.',
  Complete: 'Every file is done, and none failed.',
  Failed: 'The job has ended with failures, or was ended by its failure policy.',
  Degraded: 'Something it depends on does not answer; it is tried again.',
  Throttled: 'A store or spec.limits slows us down; more pods would not help.',
  PartitionBound: 'Every partition has a slot; more pods would not help.',
  ScalingActive: 'The number of pods is chosen automatically.',
  Notified: 'Whoever spec.webhook names is told of every batch that ends. Only on jobs with a webhook.',
} as const
export type ConditionType = keyof typeof conditionTypes

const conditionSchema = z
  .object({
    type: z.string().max(316).describe('Which condition.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
    reason: z.string().max(1024).describe('Why, in one word, for programs.'),
    message: z.string().max(32_768).describe('Why, and what to do about it, for people.'),
    lastTransitionTime: z.iso.datetime().describe('When the status last changed.'),
    observedGeneration: z.int().optional().describe('Generation of the spec it was judged by.'),
  })
  .describe('One aspect of the state of the job.')

export type Condition = z.infer<typeof conditionSchema>

export const statusSchema = z
  .object({
    observedGeneration: count('Generation of the spec this status is about.'),
    conditions: z
      .array(conditionSchema)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
      .optional()
      .describe('What holds of the job and why.'),
    files: z
      .object({
        found: count('Files the source has, as far as it was read.'),
        queued: count('Waiting.'),
        processing: count('Being compressed.'),
        completed: count('Compressed.'),
        kept: count('Kept as they were, because nothing would have been saved.'),
        skipped: count('Not processed: not asked for, or done before.'),
        failed: count('Failed for good.'),
      })
      .optional()
      .describe('Counts of files.'),
    bytes: z
      .object({
        in: count('Bytes of the finished files before.'),
        out: count('And after.'),
        saved: count('The difference.'),
      })
      .optional()
      .describe('Bytes.'),
    savingsPercent: z.number().optional().describe('Saved bytes in percent of the bytes before.'),
    lag: z
      .object({
        records: count('Records in the topic that are not done.'),
        workSeconds: z.number().optional().describe('Predicted work that is open, in seconds of one slot.'),
      })
      .optional()
      .describe('What is waiting.'),
    replicas: z
      .object({
        desired: count('Wanted worker pods.'),
        ready: count('Ready ones.'),
        busy: count('Pods with work in hand.'),
      })
      .optional()
      .describe('Worker pods.'),
    selector: z.string().optional().describe('Label selector of the worker pods, for the scale subresource.'),
    throughput: z
      .object({
        filesPerSecond: z.number().optional().describe('Files done a second.'),
        bytesPerSecond: z.number().optional().describe('Bytes read a second.'),
      })
      .optional()
      .describe('Mean of the last two minutes.'),
    estimatedCompletionTime: moment('When it will be done at the present pace.'),
    usage: z
      .object({
        coreSeconds: z.number().optional().describe('CPU the compression has taken, seconds of one core.'),
      })
      .optional()
      .describe('What the job has cost.'),
    estimate: estimateSummarySchema.optional().describe('What mode Estimate predicts.'),
    topFailures: z
      .array(
        z.object({
          code: z.string().describe('Error code.'),
          count: z.int().describe('Files that failed with it.'),
          example: z.string().describe('One of them.'),
        }),
      )
      .max(10)
      .optional()
      .describe('Why files failed, most frequent first.'),
    lastDecision: z
      .object({
        at: z.iso.datetime().describe('When.'),
        replicas: z.int().describe('What was decided.'),
        reason: z.string().describe('Why, in a sentence.'),
        terms: z.record(z.string(), z.number()).optional().describe('The numbers it was made of.'),
      })
      .optional()
      .describe('The latest decision about the number of pods.'),
    startTime: moment('When the first worker was asked for.'),
    completionTime: moment('When it was complete or failed.'),
  })
  .describe('What is. Written by the operator.')

export type Status = z.infer<typeof statusSchema>
