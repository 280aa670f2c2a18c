import { z } from 'zod'

/** What a process may ask of stores and servers; without a number as much as they take. */
export const jobLimitsSchema = z.object({
  requestsPerSecond: z.number().positive().optional(),
  /** Bytes of objects, read and written together. */
  bytesPerSecond: z.number().positive().optional(),
})

export type JobLimits = z.infer<typeof jobLimitsSchema>

/** What pods of a job are told over HTTP: what of their work nobody wants any more, and their share of the job's limits. */
const controlSchema = z.object({
  /** Ids of batches that were cancelled or deleted lately. */
  batches: z.array(z.string()),
  /** Ids of single files, likewise. */
  files: z.array(z.string()),
  /** Absent: none. */
  limits: jobLimitsSchema.optional(),
})

export type ControlDocument = z.infer<typeof controlSchema>

/** Throws a ZodError when the value is something else. */
export function parseControl(value: unknown): ControlDocument {
  return controlSchema.parse(value)
}
