import { createRoute, z } from '@hono/zod-openapi'
import { errorCodes } from '../../errors/index.ts'
import { failuresByCode, requireBatch } from '../../store/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { errorCodeSchema, problemResponse } from '../http/problem.ts'
import { idSchema } from '../http/text.ts'
import { helpFor } from './help.ts'

/** Files shown for each code. */
const samples = 3

const failureSchema = z
  .object({
    code: errorCodeSchema,
    title: z.string(),
    help: z.string().describe('What to do about it.'),
    count: z.int().positive(),
    samples: z
      .array(z.object({ fileId: z.string(), batchId: z.string(), name: z.string(), message: z.string() }))
      .describe('The newest.'),
  })
  .meta({ id: 'Failure' })

export const listFailuresRoute = createRoute({
  method: 'get',
  path: '/v1/failures',
  summary: 'See what fails and why, the most frequent cause first',
  tags: ['Files'],
  request: {
    query: z.strictObject({
      groupBy: z.literal('code').default('code'),
      batch: idSchema.optional().describe('Only files of this batch.'),
    }),
  },
  responses: {
    200: {
      description: 'One item for each code.',
      content: { 'application/json': { schema: z.object({ items: z.array(failureSchema) }) } },
    },
    ...problemResponse,
  },
})

export function failureRoutes(app: ApiApp, { store: { db } }: Services): void {
  app.openapi(
    listFailuresRoute,
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const { batch } = c.req.valid('query')
      if (batch !== undefined) await requireBatch(db, tenantId, batch)
      const causes = await failuresByCode(db, { tenantId, samples, ...(batch && { batchId: batch }) })
      const items = causes.map((cause) => ({
        ...cause,
        title: errorCodes[cause.code].title,
        help: helpFor(cause.code),
      }))
      return c.json({ items }, 200)
    },
    faults(listFailuresRoute),
  )
}
