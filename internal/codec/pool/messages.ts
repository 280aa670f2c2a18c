import { z } from 'zod'
import { type ErrorCode, errorCodes } from '../../errors/index.ts'
import { fileFactsSchema } from '../cost.ts'
import type { CompressRequest } from '../request.ts'
import { type Compressed, compressionResultSchema, inputInfoSchema, outputSchema } from '../result.ts'

/**
 * What parent and child say to each other, one file at a time:
 *
 *     child  → ready                         once, when it has loaded everything
 *     parent → measure {request}             look at this file's header
 *     child  → measured {facts} | failed     then waits: the parent may have to wait for memory
 *     parent → compress
 *     child  → compressed {result} | failed
 */
export type ToChild = { type: 'measure'; request: CompressRequest } | { type: 'compress' }

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]

const compressedSchema = compressionResultSchema.extend({
  type: z.string(),
  input: inputInfoSchema.optional(),
  outputs: z.array(outputSchema.extend({ path: z.string() })),
})

/** Resident bytes of the child when it sent this. */
const rss = z.number()

export const fromChildSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), rss }),
  z.object({ type: z.literal('measured'), facts: fileFactsSchema, rss }),
  z.object({ type: z.literal('compressed'), result: compressedSchema, rss }),
  z.object({
    type: z.literal('failed'),
    error: z.object({ code: z.enum(codes), message: z.string(), stack: z.string().optional() }),
    rss,
  }),
])

export type FromChild = z.infer<typeof fromChildSchema>

/** zod infers `input?: T | undefined`; over JSON an undefined key is absent. */
export function toCompressed({ input, ...rest }: z.infer<typeof compressedSchema>): Compressed {
  return { ...rest, ...(input && { input }) }
}
