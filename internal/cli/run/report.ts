import type { ErrorBody } from '../../errors/index.ts'

/** What became of one file. */
export type FileReport = {
  /** As users know it: the given path, and what is below it. */
  path: string
  bytesIn: number
  /** Media type, from its bytes; undefined when nobody looked. */
  type: string | undefined
  /** Milliseconds it took, waiting for a slot not counted. 0 when an earlier run had done it. */
  ms: number
} & (
  | {
      outcome: 'compressed' | 'kept_original' | 'skipped'
      /** Why it was kept or skipped; as in results, or one of `runReasons`. */
      reason: string | undefined
      bytesOut: number
      /** Absolute path of the output; undefined when nothing was written. */
      output: string | undefined
      /** An earlier run did it. */
      earlier: boolean
    }
  | { outcome: 'failed'; error: ErrorBody }
)

/**
 * Why a run skips a file, besides the reasons of the codecs. None is a failure: an empty file is copied, and nothing is
 * overwritten unless told.
 *
 * - `output_exists`: something else has the name of the output;
 * - `output_stale`: the output was made by an earlier run from another version of the file or with other options.
 */
export const runReasons = ['empty_file', 'output_exists', 'output_stale'] as const
