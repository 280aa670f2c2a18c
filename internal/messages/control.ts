import { z } from 'zod'

/** What workers of a job are told over HTTP about work that may be in their hands: nobody wants it any more. */
const controlSchema = z.object({
  /** Ids of batches that were cancelled or deleted lately. */
  batches: z.array(z.string()),
  /** Ids of single files, likewise. */
  files: z.array(z.string()),
})

export type ControlDocument = z.infer<typeof controlSchema>

/** Throws a ZodError when the value is something else. */
export function parseControl(value: unknown): ControlDocument {
  return controlSchema.parse(value)
}
