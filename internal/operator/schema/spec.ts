import { z } from 'zod'
import { durationText, section } from './common.ts'
import { compressionSchema } from './compression.ts'
import { outputSchema } from './output.ts'
import { rules } from './rules.ts'
import { scalingSchema } from './scaling.ts'
import { sourceSchema } from './source.ts'
import { webhookSchema } from './webhook.ts'
import { workerSchema } from './worker.ts'

const another = 'make another CompressionJob'

export const specSchema = z
  .object({
    mode: z
      .enum(['Run', 'Estimate'])
      .default('Run')
      .describe(
        'Run compresses. Estimate reads a sample, predicts savings and cost in the status, and writes nothing.',
      ),
    source: sourceSchema,
    output: outputSchema.optional(),
    compression: compressionSchema,
    scaling: section(scalingSchema),
    limits: z
      .object({
        requestsPerSecond: z
          .int()
          .min(1)
          .max(1_000_000)
          .optional()
          .describe('Most requests a second, all pods together, those that are tried again included.'),
        bytesPerSecond: z
          .int()
          .min(1024)
          .optional()
          .describe('Most bytes of objects a second, read and written, all pods together.'),
      })
      .meta(
        rules({
          rule: 'has(self.requestsPerSecond) || has(self.bytesPerSecond)',
          message: 'give requestsPerSecond, bytesPerSecond or both',
        }),
      )
      .optional()
      .describe(
        'What the job may ask of the stores it reads and writes and of the servers it fetches from. May change while it ' +
          'runs, without a roll. Without it the store sets the pace.',
      ),
    failurePolicy: section(
      z.object({
        maxFailedPercent: z
          .number()
          .min(0)
          .max(100)
          .default(5)
          .describe('More failed files than this are too many.'),
        minFiles: z.int().min(1).default(200).describe('Judged once this many files are done.'),
        action: z.enum(['Suspend', 'Fail']).default('Suspend').describe('What to do then.'),
      }),
    ).describe('Stops a job that mostly fails, before it has gone through the whole bucket.'),
    partitions: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe(
        'Partitions of the topic: the most slots that can work at a time. May only grow. Default 24 for ingest, else maxReplicas.',
      ),
    retry: section(
      z.object({
        maxAttempts: z.int().min(1).max(100).default(5).describe('How often a file is tried.'),
        initialBackoff: durationText.default('1s').describe('Pause after the first failure; it doubles.'),
        maxBackoff: durationText.default('5m').describe('Longest pause.'),
      }),
    ).describe('What becomes of files whose failure may be temporary.'),
    worker: workerSchema.optional(),
    webhook: webhookSchema.optional(),
    suspend: z
      .boolean()
      .default(false)
      .describe('Stops the work after what is in hand. Nothing is lost; false goes on where it was.'),
    deletionPolicy: z
      .enum(['Retain', 'Delete'])
      .default('Retain')
      .describe(
        'What deleting the resource does to what the job wrote. Retain leaves outputs and ledger. Delete erases them, replicas ' +
          'included, before the resource goes: what this job made and nobody has changed since. May change at any time.',
      ),
    ttlSecondsAfterFinished: z
      .int()
      .min(0)
      .optional()
      .describe(
        'When what is left of a finished job is removed, seconds: ended pods with their logs, Secret, Deployment. The resource itself stays.',
      ),
  })
  .meta(
    rules(
      {
        rule: "has(self.source.ingest) || has(self.output) || self.mode == 'Estimate'",
        message: 'say where the results go: output is needed unless mode is Estimate or the source is ingest',
        fieldPath: '.output',
      },
      {
        rule: 'has(self.output) == has(oldSelf.output) && (!has(self.output) || self.output == oldSelf.output)',
        message: `the output cannot be changed: ${another}`,
      },
      {
        rule: 'has(self.compression.images) || has(self.compression.data)',
        message: 'nothing would be compressed: give compression.images, compression.data or both',
        fieldPath: '.compression',
      },
      {
        rule: 'has(self.source.ingest) || self.compression == oldSelf.compression',
        message: `compression can be changed only where the source is ingest: ${another}`,
      },
      {
        rule:
          '!has(self.source.s3) || !has(self.output) || self.source.s3.bucket != self.output.s3.bucket || ' +
          "(has(self.source.s3.endpoint) ? self.source.s3.endpoint : '') != (has(self.output.s3.endpoint) ? self.output.s3.endpoint : '') || " +
          '!(self.source.s3.prefix.startsWith(self.output.s3.prefix) || self.output.s3.prefix.startsWith(self.source.s3.prefix))',
        message:
          'output and source overlap: use another bucket, or prefixes of which neither begins with the other',
        fieldPath: '.output',
      },
      {
        rule: '!has(oldSelf.partitions) || (has(self.partitions) && self.partitions >= oldSelf.partitions)',
        message: 'partitions may only grow: records stay in the partition they are in',
      },
      {
        rule: "self.mode != 'Estimate' || !has(self.source.ingest)",
        message: 'there is nothing to sample in ingest: Estimate needs s3, csv or urls',
        fieldPath: '.mode',
      },
      {
        rule: "self.deletionPolicy != 'Delete' || !has(self.source.ingest)",
        message:
          'what clients of ingest sent goes when it is no longer retained: deletionPolicy Delete is for jobs that end',
        fieldPath: '.deletionPolicy',
      },
      {
        rule: '!has(self.scaling.finishWithin) || !has(self.source.ingest)',
        message: 'finishWithin is for jobs that end; ingest goes by targetDrainSeconds',
        fieldPath: '.scaling.finishWithin',
      },
    ),
  )
  .describe('What is wanted.')
