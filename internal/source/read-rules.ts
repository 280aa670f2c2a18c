import { z } from 'zod'
import { sourceFilterSchema } from './filter.ts'
import { csvRulesSchema } from './list/index.ts'

/** What a planner reads. It travels as JSON, from whoever makes the job to its planner. */
export const readRulesSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prefix'), filter: sourceFilterSchema }),
  z.object({
    kind: z.literal('csv'),
    /** For people: where the list is. */
    name: z.string(),
    rules: csvRulesSchema,
    /** Of the file in its bucket; absent when the planner is given it as a file. */
    key: z.string().optional(),
  }),
  z.object({ kind: z.literal('urls'), urls: z.array(z.string()).min(1).max(1_000) }),
])

export type ReadRules = z.infer<typeof readRulesSchema>
