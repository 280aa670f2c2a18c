import { expect, test } from 'vitest'
import { waitPreference } from './wait.ts'

test.for([
  [undefined, undefined],
  ['respond-async', undefined],
  ['wait=10', 10_000],
  ['respond-async, wait=0', 0],
  ['return=minimal; foo, Wait="5"', 5000],
  ['wait=9999', 60_000],
  ['await=5', undefined],
] as const)('Prefer: %s waits %s ms', ([header, ms]) => {
  expect(waitPreference(header)).toBe(ms)
})
