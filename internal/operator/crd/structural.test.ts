import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { rules } from '../schema/rules.ts'
import { structuralOf } from './structural.ts'

describe('structuralOf', () => {
  it('requires what has no default, and prunes instead of forbidding', () => {
    const schema = z.strictObject({ a: z.string(), b: z.string().default('x'), c: z.string().optional() })
    expect(structuralOf(schema)).toEqual({
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string', default: 'x' }, c: { type: 'string' } },
      required: ['a'],
    })
  })

  it.each([
    ['whole numbers of 64 bits', z.int(), { type: 'integer', format: 'int64' }],
    ['ranges', z.int().min(1).max(5), { type: 'integer', format: 'int64', minimum: 1, maximum: 5 }],
    ['times', z.iso.datetime(), { type: 'string', format: 'date-time' }],
    [
      'lists',
      z.array(z.enum(['a', 'b'])).max(3),
      { type: 'array', maxItems: 3, items: { type: 'string', enum: ['a', 'b'] } },
    ],
    [
      'maps',
      z.record(z.string(), z.int()),
      { type: 'object', additionalProperties: { type: 'integer', format: 'int64' } },
    ],
    [
      'quantities',
      z.union([z.int(), z.string()]).meta({ 'x-kubernetes-int-or-string': true }),
      { 'x-kubernetes-int-or-string': true },
    ],
    [
      'rules and descriptions',
      z
        .object({})
        .meta(rules({ rule: 'true', message: 'm' }))
        .describe('d'),
      {
        type: 'object',
        properties: {},
        description: 'd',
        'x-kubernetes-validations': [{ rule: 'true', message: 'm' }],
      },
    ],
  ])('says %s', (_, schema, expected) => {
    expect(structuralOf(schema)).toEqual(expected)
  })

  it.each([
    ['alternatives', z.object({ a: z.union([z.string(), z.boolean()]) }), '.a has not one type'],
    [
      'alternatives of blocks',
      z.object({ a: z.union([z.object({ b: z.string() }), z.array(z.string())]) }),
      '.a: a structural schema has no anyOf',
    ],
    ['constants', z.object({ a: z.literal('x') }), '.a: a structural schema has no const'],
    ['anything', z.object({ a: z.unknown() }), '.a has not one type'],
  ])('refuses %s instead of losing them', (_, schema, message) => {
    expect(() => structuralOf(schema)).toThrow(message)
  })
})
