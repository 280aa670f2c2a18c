import { z } from 'zod'

/** Why a file was kept or skipped. Part of the API: add, never rename. */
export const reasons = [
  'already_compressed', // kept: at or below the target already, or data that does not shrink
  'savings_below_minimum', // kept: the best output saves less than minSavingsPercent
  'below_min_score', // kept: nothing smaller reaches minScore
  'gain_map', // kept: an HDR gain map that the output could not carry
  'unsupported_image', // skipped: recognised, but no decoder here (HEIC, JPEG XL, RAW)
  'class_not_selected', // skipped: an image without an images block, or data without a data block
  'archived_storage_class', // skipped: reading it would cost a restore
  'junk', // skipped: .DS_Store, Thumbs.db and their like
] as const

export const inputInfoSchema = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  frames: z.int().positive(),
  hasAlpha: z.boolean(),
})

export const outputSchema = z.object({
  name: z.string().describe('File name to download it as.'),
  type: z.string().describe('Media type, from the bytes.'),
  contentEncoding: z.enum(['zstd', 'br', 'gzip']).optional(),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
  bytes: z.int().nonnegative(),
  quality: z.number().optional().describe("The codec's quality number; absent when lossless."),
  score: z.number().optional().describe('Estimated SSIMULACRA2 score, 0-100; absent when not measured.'),
  sha256: z.string().describe('Lower-case hex.'),
})

export const outcomes = ['compressed', 'kept_original', 'skipped'] as const

export const compressionResultSchema = z.object({
  outcome: z.enum(outcomes),
  reason: z.enum(reasons).optional(),
  bytesIn: z.int().nonnegative(),
  bytesOut: z.int().nonnegative().describe('Equals bytesIn when the original is kept or skipped.'),
  cpuMs: z.number().nonnegative().describe('CPU milliseconds of the process that compressed it.'),
})

export type Reason = (typeof reasons)[number]
export type Outcome = (typeof outcomes)[number]
export type InputInfo = z.infer<typeof inputInfoSchema>
export type OutputInfo = z.infer<typeof outputSchema>

/** One output on the local disk. `path` is the input's own path when the bytes are the original's. */
export interface LocalOutput extends OutputInfo {
  path: string
}

/** What compressing one local file came to. A skipped file has no outputs; a kept one has the original (or the original without unwanted metadata). */
export interface Compressed extends z.infer<typeof compressionResultSchema> {
  /** Media type of the input, from its bytes. */
  type: string
  input?: InputInfo
  outputs: LocalOutput[]
}
