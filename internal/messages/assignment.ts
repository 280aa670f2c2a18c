import { z } from 'zod'
import { compressionOptionsSchema } from '../codec/index.ts'
import { outputRulesSchema, sourceRulesSchema } from './chunks.ts'
import { errorBodySchema } from './error-body.ts'

/** What the planner and the report writer of a finite job are told of it. */
export const assignmentSchema = z.object({
  uid: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  source: sourceRulesSchema,
  output: outputRulesSchema,
  options: compressionOptionsSchema,
  /** What is read and which of it: the planner's to understand. */
  reads: z.unknown(),
})

/** What keeps a job's planner or report writer from going on. It is tried again all the same. */
export const jobTroubleSchema = z.object({
  ...errorBodySchema.shape,
  /** ISO 8601. */
  at: z.string(),
})

const count = z.int().nonnegative()

/** What a whole job came to by the counters of its batch. */
export const jobTotalsSchema = z.object({
  files: z.object({ found: count, completed: count, failed: count, cancelled: count }),
  /** Objects the job's filters left out. */
  leftOut: count,
  /** Files that were done when they were found: such have no line in the ledger. */
  settledWhileListing: z.array(z.object({ reason: z.string(), files: count })),
})

export type Assignment = z.infer<typeof assignmentSchema>
export type JobTrouble = z.infer<typeof jobTroubleSchema>
export type JobTotals = z.infer<typeof jobTotalsSchema>
