import { expect } from 'vitest'
import { z } from 'zod'
import { batchSchema, createdBatchSchema } from '../batches/schema.ts'
import { fileSchema } from '../files/render.ts'
import { listOf } from '../http/page.ts'
import { type Problem, problemSchema } from '../http/problem.ts'
import { uploadSchema } from '../uploads/schema.ts'

/** Answers as the document describes them: parsing fails a test whose answer looks otherwise. */
export const reader =
  <T>(schema: z.ZodType<T>) =>
  async (response: Response | Promise<Response>): Promise<T> => {
    const text = await (await response).text()
    const parsed = schema.safeParse(JSON.parse(text))
    if (!parsed.success) throw new Error(`${(await response).status} ${text}: ${parsed.error.message}`)
    return parsed.data
  }

export const readFile = reader(fileSchema)
export const readFiles = reader(listOf(fileSchema))
export const readBatch = reader(batchSchema)
export const readBatches = reader(listOf(batchSchema))
export const readCreated = reader(createdBatchSchema)
export const readUploads = reader(listOf(uploadSchema))
export const readItems = reader(
  z.object({
    items: z.array(
      z.object({ name: z.string(), file: fileSchema.optional(), problem: problemSchema.optional() }),
    ),
  }),
)

/** A problem document, which every refusal must be. */
export async function readProblem(answer: Response | Promise<Response>): Promise<Problem> {
  const response = await answer
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = problemSchema.parse(await response.json())
  expect(problem).toMatchObject({ status: response.status, requestId: response.headers.get('x-request-id') })
  return problem
}
