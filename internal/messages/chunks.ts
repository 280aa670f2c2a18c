import { z } from 'zod'
import { compressionOptionsSchema } from '../codec/index.ts'
import { errorBodySchema } from './error-body.ts'

/**
 * Chunks: tasks of many objects that have no rows of their own. What becomes of each object is a line of the ledger;
 * what travels here are counts, and the indexes of the objects that need another attempt. As everything, it may come
 * twice: a chunk keeps its attempt for life, objects that are tried again get a new chunk.
 */

/** Most objects in a chunk. */
export const maxChunkObjects = 64

export const chunkObjectSchema = z.object({
  /** In the source bucket; the address of a file of a list. */
  key: z.string(),
  /** As listed: bytes, and what changes when they do. Of an address nothing is known: 0, and empty. */
  size: z.int().nonnegative(),
  etag: z.string(),
  /** What the output is named by; the key below the source's prefix when absent. */
  path: z.string().optional(),
})

export const preservable = [
  'UserMetadata',
  'CacheControl',
  'ContentDisposition',
  'Tags',
  'StorageClass',
] as const

/** How the outputs of a job are named and written. */
export const outputRulesSchema = z.object({
  /** Before every output key: empty, or the end of a folder. */
  prefix: z.string(),
  keyTemplate: z.string(),
  onExisting: z.enum(['Skip', 'Overwrite']),
  preserve: z.array(z.enum(preservable)),
})

/** What a finite job reads. */
export const sourceRulesSchema = z.object({
  /** Names the source in identities: two jobs that read the same bucket say the same. */
  bucket: z.string(),
  prefix: z.string(),
})

export const chunkTaskSchema = z.object({
  kind: z.literal('chunk'),
  taskId: z.string(),
  attempt: z.int().positive(),
  tenantId: z.string(),
  jobUid: z.string(),
  batchId: z.string(),
  options: compressionOptionsSchema,
  /** This one included; with one left a failure that might pass is final. */
  attemptsLeft: z.int().positive(),
  source: sourceRulesSchema,
  output: outputRulesSchema,
  /** Where the job's ledger parts go in the output bucket, with a slash at its end. */
  ledger: z.string(),
  objects: z.array(chunkObjectSchema).min(1).max(maxChunkObjects),
})

const count = z.int().nonnegative()

/** How many of a chunk's objects have ended, how, and with how many bytes. Bytes of failed objects are not counted. */
export const chunkCountsSchema = z.object({
  compressed: count,
  kept: count,
  skipped: count,
  failed: count,
  cancelled: count,
  bytesIn: count,
  bytesOut: count,
})

export const chunkFailuresSchema = z.object({
  ...errorBodySchema.pick({ code: true }).shape,
  count: z.int().positive(),
  /** The first object it happened to, and what was said of it. */
  example: z.object({ key: z.string(), message: z.string() }),
})

/** What files of one kind took, for calibrating predictions. */
const effortSchema = z.object({
  /** The media type the prediction assumed, from the name. */
  type: z.string(),
  files: count,
  bytesIn: count,
  bytesOut: count,
  cpuMs: z.number().nonnegative(),
  predictedMs: z.number().nonnegative(),
})

const reportBase = z.object({
  taskId: z.string(),
  attempt: z.int().positive(),
  batchId: z.string(),
  jobUid: z.string(),
  worker: z.string(),
  /** ISO 8601. */
  at: z.string(),
})

/**
 * What a worker says of a chunk: progress now and then, the first of it with nothing done when the work begins, and
 * one end. A `split` asks for the chunk to be divided: its workers died over it, and one object is to blame.
 */
export const chunkReportSchema = z.discriminatedUnion('kind', [
  reportBase.extend({ kind: z.literal('chunk.progress'), counts: chunkCountsSchema }),
  reportBase.extend({
    kind: z.literal('chunk.outcome'),
    counts: chunkCountsSchema,
    failures: z.array(chunkFailuresSchema),
    reasons: z.array(z.object({ reason: z.string(), count: z.int().positive() })),
    efforts: z.array(effortSchema),
    retry: z.object({
      /** Indexes of objects that failed and may yet succeed. */
      failed: z.array(count),
      /** Indexes of objects a store refused for the moment: the attempt is given back. */
      throttled: z.array(count),
      /** Why, by code. */
      codes: z.array(chunkFailuresSchema),
    }),
    /** Key of the ledger part, which is durable. */
    ledger: z.string(),
  }),
  reportBase.extend({ kind: z.literal('chunk.split'), starts: count }),
])

export type ChunkObject = z.infer<typeof chunkObjectSchema>
export type OutputRules = z.infer<typeof outputRulesSchema>
export type SourceRules = z.infer<typeof sourceRulesSchema>
export type ChunkTask = z.infer<typeof chunkTaskSchema>
export type ChunkCounts = z.infer<typeof chunkCountsSchema>
export type ChunkFailures = z.infer<typeof chunkFailuresSchema>
export type ChunkEffort = z.infer<typeof effortSchema>
export type ChunkReport = z.infer<typeof chunkReportSchema>
export type ChunkOutcome = Extract<ChunkReport, { kind: 'chunk.outcome' }>

export const noCounts: ChunkCounts = {
  compressed: 0,
  kept: 0,
  skipped: 0,
  failed: 0,
  cancelled: 0,
  bytesIn: 0,
  bytesOut: 0,
}

/** How many objects the counts are of. */
export function settledIn(counts: ChunkCounts): number {
  return counts.compressed + counts.kept + counts.skipped + counts.failed + counts.cancelled
}

/** What the dead-letter topic carries when objects of a chunk failed: how many, why, and where every line is. */
export const chunkDeadLetterSchema = z.object({
  taskId: z.string(),
  batchId: z.string(),
  tenantId: z.string(),
  jobUid: z.string(),
  attempt: z.int().positive(),
  failures: z.array(chunkFailuresSchema),
  /** Key of the ledger part in the output bucket. */
  ledger: z.string(),
  /** ISO 8601. */
  at: z.string(),
})

export type ChunkDeadLetter = z.infer<typeof chunkDeadLetterSchema>
