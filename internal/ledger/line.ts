import { z } from 'zod'
import { outcomes } from '../codec/index.ts'
import { errorBodySchema } from '../messages/index.ts'

const sourceSchema = z.object({
  key: z.string(),
  /** Of the version that was read; as listed when none was. */
  etag: z.string(),
  bytes: z.int().nonnegative(),
  /** What the output is named by, where a list says so: the same key may then be there twice. */
  path: z.string().optional(),
})

const outputSchema = z.object({
  key: z.string(),
  etag: z.string(),
  type: z.string().optional(),
  bytes: z.int().nonnegative(),
  sha256: z.string().optional(),
  quality: z.number().optional(),
  score: z.number().optional(),
})

const lineBase = z.object({
  /** ISO 8601. */
  at: z.string(),
  source: sourceSchema,
  /** Media type of the source, from its bytes; of one that failed, what its name says. */
  type: z.string().optional(),
  /** Identity of the work: see the output's metadata. */
  identity: z.string().optional(),
})

/**
 * What became of one object in one attempt. The last line about a source key and ETag is the truth; a `retry` is
 * followed by another line of a later attempt.
 */
export const ledgerLineSchema = z.discriminatedUnion('outcome', [
  lineBase.extend({
    outcome: z.enum(outcomes),
    reason: z.string().optional(),
    cpuMs: z.number().nonnegative(),
    output: outputSchema.optional(),
    /** The output was there already, made by an earlier attempt or job from the same bytes with the same options. */
    earlier: z.boolean().optional(),
  }),
  lineBase.extend({
    outcome: z.literal('failed'),
    error: errorBodySchema,
  }),
  lineBase.extend({
    outcome: z.literal('retry'),
    error: errorBodySchema,
    /** A store refused for the moment; the attempt does not count. */
    throttled: z.boolean(),
  }),
  lineBase.extend({ outcome: z.literal('cancelled') }),
])

export type LedgerLine = z.infer<typeof ledgerLineSchema>
export type LedgerOutput = z.infer<typeof outputSchema>
