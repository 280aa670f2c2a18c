import { z } from '@hono/zod-openapi'

/**
 * Text that every store, log and header can carry: well-formed Unicode without control characters. Postgres refuses NUL
 * and lone surrogates, and a line break forges a header or a log line.
 */
export function plainText({ min = 0, max }: { min?: number; max: number }) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine(isPlain, { message: 'must not contain control characters or broken Unicode' })
}

export function isPlain(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text)
}

/** Ids as this service makes them, and nothing a database could choke on. */
export const idSchema = z.string().regex(/^[\w-]{1,64}$/, { message: 'is not an id' })

export const idParams = z.object({ id: idSchema })

export const mostTags = 20

export const tagsSchema = z
  .record(plainText({ min: 1, max: 64 }), plainText({ max: 256 }))
  .refine((tags) => Object.keys(tags).length <= mostTags, { message: `at most ${mostTags} tags` })
  .describe(`Up to ${mostTags} of your own, to filter by.`)

export const sha256Schema = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, { message: 'must be 64 hexadecimal digits' })
  .transform((hex) => hex.toLowerCase())

/** `tag=key:value`, once or several times, as a table. */
export const tagParameters = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((given, ctx) => {
    const tags: Record<string, string> = {}
    for (const tag of [given ?? []].flat()) {
      const colon = tag.indexOf(':')
      if (colon < 1) ctx.addIssue({ code: 'custom', message: 'write it as key:value' })
      else tags[tag.slice(0, colon)] = tag.slice(colon + 1)
    }
    return tags
  })
  .pipe(tagsSchema)
  .openapi({ type: 'array', items: { type: 'string' }, description: 'key:value, may be repeated.' })
