import { z } from '@hono/zod-openapi'
import {
  type FileResult,
  fileResultSchema,
  historyEntrySchema,
  storedOutputSchema,
} from '../../messages/index.ts'
import { type FileRow, fileStates } from '../../store/index.ts'
import { errorCodeSchema } from '../http/problem.ts'

const { input: inputSchema } = fileResultSchema.shape

export const resultSchema = fileResultSchema
  .omit({ input: true, type: true })
  .extend({
    outputs: z.array(storedOutputSchema.extend({ url: z.string().describe('Where to download it.') })),
  })
  .meta({ id: 'FileResult' })

export const fileSchema = z
  .object({
    id: z.string(),
    batchId: z.string(),
    job: z.string(),
    name: z.string(),
    state: z.enum(fileStates),
    size: z.int().nonnegative().optional().describe('Bytes of the input; absent until they are known.'),
    type: z
      .string()
      .optional()
      .describe('Media type: as declared, and from the bytes once they were looked at.'),
    tags: z.record(z.string(), z.string()),
    attempts: z.int().positive(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    input: inputSchema,
    result: resultSchema.optional(),
    error: z
      .object({
        code: errorCodeSchema,
        message: z.string(),
        history: z
          .array(historyEntrySchema.extend({ code: errorCodeSchema }))
          .describe('Every attempt before.'),
      })
      .optional(),
  })
  .meta({ id: 'File' })

export type File = z.infer<typeof fileSchema>

export function renderFile(row: FileRow, publicUrl: string): File {
  const { result } = row
  return {
    id: row.id,
    batchId: row.batchId,
    job: row.jobUid,
    name: row.name,
    state: row.state,
    ...(row.size !== null && { size: row.size }),
    ...typeOf(row),
    tags: row.tags,
    attempts: row.attempt,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ...(result?.input && { input: result.input }),
    ...(result && { result: renderResult(result, row.id, publicUrl) }),
    ...(row.errorCode !== null && {
      error: { code: row.errorCode, message: row.errorMessage ?? '', history: row.history },
    }),
  }
}

function typeOf({ result, type }: FileRow): { type?: string } {
  if (result !== null) return { type: result.type }
  return type === null ? {} : { type }
}

export function renderResult(
  result: FileResult,
  fileId: string,
  publicUrl: string,
): z.infer<typeof resultSchema> {
  const { input: _input, type: _type, outputs, ...rest } = result
  const url = `${publicUrl}/v1/files/${fileId}/content`
  return { ...rest, outputs: outputs.map((output) => ({ ...output, url })) }
}

/** Whether nothing more will happen to a file by itself. */
export function isSettled({ state }: FileRow): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled'
}
