import { z } from 'zod'
import { outcomes } from '../codec/index.ts'
import { chunkFailuresSchema, chunkObjectSchema, maxChunkObjects } from './chunks.ts'

const count = z.int().nonnegative()

/** A part of the listing of a job's source, in order: what a planner hands over. Adding a page twice changes nothing. */
export const planPageSchema = z.object({
  /** Counts from 0. */
  page: count,
  chunks: z.array(
    z.object({
      objects: z.array(chunkObjectSchema).min(1).max(maxChunkObjects),
      /** Predicted worker-milliseconds, not calibrated. */
      cost: z.number().nonnegative(),
    }),
  ),
  /** Objects of the job that need no work, and why. */
  settled: z.array(
    z.object({
      outcome: z.enum(outcomes),
      reason: z.string(),
      files: count,
      bytesIn: count,
      bytesOut: count,
    }),
  ),
  /** Files of the job that cannot be worked on at all, and why: lines of a list. */
  failed: z.array(chunkFailuresSchema).default([]),
  /** Objects the filters leave out: no files of the job. */
  leftOut: count,
  /** Where the listing goes on; absent: this is the last page, and nothing more will be added. */
  next: z.string().optional(),
})

export const planStateSchema = z.object({
  /** The page that is wanted next. */
  nextPage: count,
  /** Where the listing goes on; absent at the beginning. */
  token: z.string().optional(),
  complete: z.boolean(),
  foundFiles: count,
  foundBytes: count,
  leftOut: count,
  /** By media type, what predictions of cost should be multiplied by. */
  costFactors: z.record(z.string(), z.number().positive()),
})

/** As it is written: `failed` may be left out. */
export type PlanPage = z.input<typeof planPageSchema>
export type PlanState = z.infer<typeof planStateSchema>
export type SettledObjects = PlanPage['settled'][number]

/** Reasons that only listing gives: such objects have no line in the ledger. */
export const settledReasons: ReadonlySet<string> = new Set([
  'done_before',
  'junk',
  'archived_storage_class',
  'duplicate',
])
