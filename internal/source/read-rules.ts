import { z } from 'zod'
import { sourceFilterSchema } from './filter.ts'

/** What a planner reads. It travels as JSON, from whoever makes the job to its planner. */
export const readRulesSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prefix'), filter: sourceFilterSchema }),
])

export type ReadRules = z.infer<typeof readRulesSchema>
