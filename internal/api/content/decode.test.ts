import { expect, test } from 'vitest'
import { accepts } from './decode.ts'

test.for([
  [undefined, false],
  ['gzip, br', true],
  ['BR;q=1.0', true],
  ['br;q=0', false],
  ['*', true],
  ['br;q=0, *', false],
  ['gzip, *;q=0', false],
] as const)('Accept-Encoding: %s takes br: %s', ([header, expected]) => {
  expect(accepts(header, 'br')).toBe(expected)
})
