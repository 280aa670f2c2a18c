import { describe, expect, test } from 'vitest'
import { matches, resolveRange } from './range.ts'

describe('resolveRange of 1,000 bytes', () => {
  test.for([
    [undefined, undefined],
    ['bytes=0-99', { start: 0, end: 99 }],
    ['bytes=100-', { start: 100, end: 999 }],
    ['bytes=-100', { start: 900, end: 999 }],
    ['bytes=-5000', { start: 0, end: 999 }],
    ['bytes=990-5000', { start: 990, end: 999 }],
    ['Bytes= 1 - 2', { start: 1, end: 2 }],
    ['bytes=1000-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,5-6', undefined],
    ['items=0-1', undefined],
  ] as const)('%s', ([header, expected]) => {
    expect(resolveRange(header, 1000)).toEqual(expected)
  })

  test('has no satisfiable range in an empty file', () => {
    expect(resolveRange('bytes=0-', 0)).toBe('unsatisfiable')
    expect(resolveRange('bytes=-1', 0)).toBe('unsatisfiable')
  })
})

test.for([
  [undefined, false],
  ['"a"', true],
  ['"b", W/"a"', true],
  ['*', true],
  ['"b"', false],
] as const)('If-None-Match: %s names "a": %s', ([header, expected]) => {
  expect(matches(header, '"a"')).toBe(expected)
})
