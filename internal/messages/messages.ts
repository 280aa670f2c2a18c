import { z } from 'zod'
import {
  compressionOptionsSchema,
  compressionResultSchema,
  inputInfoSchema,
  outputSchema,
} from '../codec/index.ts'
import { type ChunkReport, type ChunkTask, chunkReportSchema, chunkTaskSchema } from './chunks.ts'
import { errorBodySchema } from './error-body.ts'

/**
 * What travels through the broker. Delivery is at-least-once, so everything here is safe to receive twice: a task is
 * identified by (taskId, attempt), a report by (taskId, attempt, seq).
 */

/** The object a task reads, and the file row it belongs to. */
const taskObjectSchema = z.object({
  fileId: z.string(),
  key: z.string(),
  name: z.string(),
  /** What the uploader declared; the worker verifies both. */
  size: z.int().nonnegative().optional(),
  sha256: z.string().optional(),
})

export const taskSchema = z.object({
  taskId: z.string(),
  attempt: z.int().positive(),
  tenantId: z.string(),
  jobUid: z.string(),
  batchId: z.string(),
  options: compressionOptionsSchema,
  objects: z.array(taskObjectSchema).length(1),
})

/** An output in the object store. */
export const storedOutputSchema = outputSchema.extend({ key: z.string(), etag: z.string() })

export const fileResultSchema = compressionResultSchema.extend({
  type: z.string().describe('Media type of the input, from its bytes.'),
  input: inputInfoSchema.optional(),
  outputs: z.array(storedOutputSchema),
})

export const historyEntrySchema = errorBodySchema.extend({
  attempt: z.int().positive(),
  /** ISO 8601. */
  at: z.string(),
  worker: z.string(),
})

const reportBase = z.object({
  taskId: z.string(),
  attempt: z.int().positive(),
  fileId: z.string(),
  batchId: z.string(),
  jobUid: z.string(),
  worker: z.string(),
  /** When it happened, ISO 8601. */
  at: z.string(),
})

/**
 * What a worker says of a file, at most two per attempt: `started` (seq 0) and one outcome (seq 1). `retry` asks for
 * another attempt; whether there is one left is the projector's decision.
 */
export const reportSchema = z.discriminatedUnion('kind', [
  reportBase.extend({ kind: z.literal('started'), seq: z.literal(0) }),
  reportBase.extend({ kind: z.literal('completed'), seq: z.literal(1), result: fileResultSchema }),
  reportBase.extend({
    kind: z.literal('retry'),
    seq: z.literal(1),
    error: errorBodySchema,
    /** False when the fault was not the file's (a store throttled us): the attempt is given back. */
    countsAttempt: z.boolean(),
  }),
  reportBase.extend({ kind: z.literal('failed'), seq: z.literal(1), error: errorBodySchema }),
])

export type TaskObject = z.infer<typeof taskObjectSchema>
export type Task = z.infer<typeof taskSchema>
export type StoredOutput = z.infer<typeof storedOutputSchema>
export type FileResult = z.infer<typeof fileResultSchema>
export type HistoryEntry = z.infer<typeof historyEntrySchema>
export type Report = z.infer<typeof reportSchema>

/** What the dead-letter topic carries: who failed, why, and every attempt before. */
export const deadLetterSchema = z.object({
  fileId: z.string(),
  batchId: z.string(),
  tenantId: z.string(),
  jobUid: z.string(),
  name: z.string(),
  attempts: z.int().positive(),
  error: errorBodySchema,
  history: z.array(historyEntrySchema),
  /** ISO 8601. */
  at: z.string(),
})

export type DeadLetter = z.infer<typeof deadLetterSchema>

const anyTaskSchema = z.union([chunkTaskSchema, taskSchema])
const anyReportSchema = z.discriminatedUnion('kind', [reportSchema, chunkReportSchema])

/** Throws a ZodError when the value is not a task. */
export function parseTask(value: string): Task | ChunkTask {
  return anyTaskSchema.parse(JSON.parse(value))
}

/** Throws a ZodError when the value is not a report. */
export function parseReport(value: string): Report | ChunkReport {
  return anyReportSchema.parse(JSON.parse(value))
}

export function isChunkTask(task: Task | ChunkTask): task is ChunkTask {
  return 'kind' in task
}

export function isChunkReport(report: Report | ChunkReport): report is ChunkReport {
  return report.kind.startsWith('chunk.')
}
