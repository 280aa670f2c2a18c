import { z } from 'zod'

/*
 * What this command reads of the API's answers. Only what it shows is asked for, so that it goes on working with
 * services of other versions.
 */

const time = z.iso.datetime({ offset: true })
const errorSchema = z.object({ code: z.string(), message: z.string() })

const resultSchema = z.object({
  outcome: z.string(),
  reason: z.string().optional(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  cpuMs: z.number().optional(),
  outputs: z
    .array(
      z.object({
        name: z.string(),
        type: z.string(),
        bytes: z.number(),
        width: z.number().optional(),
        height: z.number().optional(),
        quality: z.number().optional(),
        score: z.number().optional(),
        url: z.string().optional(),
      }),
    )
    .default([]),
})

export const fileSchema = z.object({
  id: z.string(),
  batchId: z.string(),
  job: z.string().optional(),
  name: z.string(),
  state: z.string(),
  size: z.number().nullish(),
  type: z.string().nullish(),
  attempts: z.number().optional(),
  createdAt: time,
  updatedAt: time,
  input: z
    .object({ width: z.number(), height: z.number(), frames: z.number(), hasAlpha: z.boolean() })
    .optional(),
  result: resultSchema.optional(),
  error: errorSchema
    .extend({
      history: z
        .array(errorSchema.extend({ attempt: z.number(), at: time, worker: z.string().optional() }))
        .default([]),
    })
    .optional(),
})

export const eventSchema = z.object({
  seq: z.number(),
  type: z.string(),
  fileId: z.string().optional(),
  at: time,
  attempt: z.number().optional(),
  error: errorSchema.optional(),
  retryAt: time.optional(),
})

export type ExplainedFile = z.infer<typeof fileSchema>
export type FileEvent = z.infer<typeof eventSchema>
