import { expect, test } from 'vitest'
import { formatBytes, formatDuration, formatSaved, plural, printable } from './format.ts'

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_400, '999 kB'],
  [999_960, '1.0 MB'],
  [640_000, '640 kB'],
  [12_345_678, '12.3 MB'],
  [5 * 1024 ** 3, '5.4 GB'],
])('%i bytes are shown as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test.each([
  [0, '0 ms'],
  [350, '350 ms'],
  [9_940, '9.9 s'],
  [9_960, '10 s'],
  [59_600, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('%i ms are shown as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('savings are shares of what there was, and nothing of nothing is no saving', () => {
  expect(formatSaved(1000, 358)).toBe('64.2%')
  expect(formatSaved(0, 0)).toBe('0.0%')
})

test('one thing is singular', () => {
  expect([plural(1, 'file'), plural(0, 'file'), plural(1234, 'file')]).toEqual([
    '1 file',
    '0 files',
    '1,234 files',
  ])
})

test('a name cannot move the cursor or change its reading direction', () => {
  expect(printable('a\x1b[2Jb\nc\u202egpj.exe')).toBe('a\\u{1b}[2Jb\\u{a}c\\u{202e}gpj.exe')
  expect(printable('Ünïcode 写真.jpg')).toBe('Ünïcode 写真.jpg')
})
