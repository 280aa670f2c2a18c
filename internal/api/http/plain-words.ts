import { z } from '@hono/zod-openapi'

/**
 * Says what is wrong in the words of somebody who has to mend the request. For `safeParse(value, { error })`; where it
 * has nothing better, zod's own message stands.
 */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(issue.keys, issue.inst)
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${article(issue.expected)}`
    case 'too_big':
      return `must ${amount(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}`
    case 'too_small':
      return `must ${amount(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}`
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`
    default:
      return undefined
  }
}

/** Names the keys that would have been right where an unknown one stands. */
function unknownKeys(keys: readonly string[], schema: unknown): string {
  const unknown = keys.map((key) => JSON.stringify(key)).join(', ')
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  return `unknown: ${unknown}${known.length > 0 ? `; there are ${known.join(', ')}` : ''}`
}

const expectations: Readonly<Record<string, string>> = {
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function article(expected: string): string {
  return expectations[expected] ?? `a ${expected}`
}

/** Numbers are, texts and lists have. */
function amount(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'have' : 'be'
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' entries' : ''
}
