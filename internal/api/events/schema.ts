import { z } from '@hono/zod-openapi'
import { batchStates, type EventRow, eventTypes, fileStates } from '../../store/index.ts'
import { renderResult, resultSchema } from '../files/render.ts'
import { errorCodeSchema } from '../http/problem.ts'

export const eventSchema = z
  .object({
    seq: z.int().positive().describe('Counts the events of the batch from 1, without gaps.'),
    type: z.enum(eventTypes),
    batchId: z.string(),
    fileId: z.string().optional().describe('Absent for events of the batch itself.'),
    at: z.iso.datetime(),
    state: z.enum([...fileStates, ...batchStates]),
    name: z.string().optional(),
    attempt: z.int().positive().optional(),
    size: z.int().nonnegative().optional().describe('Bytes of the input.'),
    result: resultSchema.optional(),
    error: z.object({ code: errorCodeSchema, message: z.string() }).optional(),
    progress: z
      .object({
        files: z.record(z.enum(fileStates), z.int().nonnegative()),
        bytes: z.object({ in: z.int().nonnegative(), out: z.int().nonnegative() }),
      })
      .optional()
      .describe('How far a batch of a finite job is; said every few seconds.'),
    retryAt: z.iso.datetime().optional().describe('When a file that will be tried again is due.'),
  })
  .meta({ id: 'Event' })

export type Event = z.infer<typeof eventSchema>

/** An event as clients see it, the same over SSE and WebSocket. */
export function renderEvent(row: EventRow, publicUrl: string): Event {
  const { result, ...data } = row.data
  return {
    seq: row.seq,
    type: eventSchema.shape.type.parse(row.type),
    batchId: row.batchId,
    ...(row.fileId !== null && { fileId: row.fileId }),
    at: row.createdAt.toISOString(),
    ...data,
    ...(result && row.fileId !== null && { result: renderResult(result, row.fileId, publicUrl) }),
  }
}
