import { z } from '@hono/zod-openapi'

export const uploadSchema = z
  .object({
    fileId: z.string(),
    name: z.string(),
    method: z.literal('PUT'),
    url: z.string(),
    headers: z.record(z.string(), z.string()).describe('To be sent as they are.'),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Upload' })

export type Upload = z.infer<typeof uploadSchema>
