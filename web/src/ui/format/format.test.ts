import { expect, test } from 'vitest'
import { createFormats } from './format.ts'

const english = createFormats(['en-GB'])
const german = createFormats(['de-DE'])

test.for([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [4_812_345, '4.81 MB'],
  [999_949, '1 MB'],
  [1e12, '1 TB'],
  [-2500, '-2.5 kB'],
] as const)('%d bytes are written %s', ([bytes, text]) => {
  expect(english.bytes(bytes)).toBe(text)
})

test.for([
  [0, '0%'],
  [1, '100%'],
  [0.667, '66.7%'],
  [0.99999, '99.9%'],
  [0.00001, '< 0.1%'],
] as const)('a share of %d is written %s', ([ratio, text]) => {
  expect(english.percent(ratio)).toBe(text)
})

test.for([
  [12, '12 ms'],
  [1500, '1.5 secs'],
  [45_000, '45 secs'],
  [80_000, '1 min 20 secs'],
  [3_600_000, '1 hr'],
  [5_400_000, '1 hr 30 mins'],
] as const)('%d ms are written %s', ([ms, text]) => {
  expect(english.duration(ms)).toBe(text)
})

test('numbers, sizes and times follow the locale', () => {
  expect(german.count(12_345)).toBe('12.345')
  expect(german.bytes(4_812_345)).toBe('4,81 MB')
  expect(german.percent(0.667)).toMatch(/^66,7\s%$/)
  expect(german.ago('2026-01-01T00:00:00Z', new Date('2026-01-01T00:03:00Z'))).toBe('vor 3 Minuten')
})

test('clocks that differ put nothing into the future', () => {
  expect(english.ago('2026-01-01T00:05:00Z', new Date('2026-01-01T00:00:00Z'))).toBe('now')
})
