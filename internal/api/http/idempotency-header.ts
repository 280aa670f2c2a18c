import { z } from '@hono/zod-openapi'

export const idempotencyKeyHeader = z
  .string()
  .optional()
  .describe('Makes repeating the request safe: the first answer is given again.')
