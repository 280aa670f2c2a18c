import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textWidth } from '../terminal/width.ts'
import {
  describeProgress,
  fractionDone,
  type ProgressState,
  remainingMs,
  renderBar,
  renderProgress,
} from './progress.ts'

const half: ProgressState = {
  found: { files: 100, bytes: 40_000_000 },
  scanned: true,
  done: { files: 50, bytes: 20_000_000 },
  failed: 0,
  bytesIn: 20_000_000,
  bytesOut: 8_000_000,
  worked: 10_000_000,
  elapsedMs: 5000,
}

test('the line tells files, bytes, saving and the time left', () => {
  expect(describeProgress(half)).toBe('50 of 100 files · 20.0 MB → 8.0 MB, 60.0% saved · 10 s left')
})

test('files an earlier run had done do not make the rest look faster', () => {
  expect(remainingMs(half)).toBe(10_000)
  expect(remainingMs({ ...half, worked: 0 })).toBeUndefined()
})

test('no time is promised before everything is found and something is measured', () => {
  expect(remainingMs({ ...half, scanned: false })).toBeUndefined()
  expect(remainingMs({ ...half, elapsedMs: 500 })).toBeUndefined()
  expect(describeProgress({ ...half, scanned: false })).toContain('50 of 100+ files')
})

test('an empty run is done', () => {
  const none = { files: 0, bytes: 0 }
  expect(fractionDone({ ...half, found: none, done: none })).toBe(1)
})

test('the line never reaches the last column of the terminal, and never moves to the next', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 200 }),
      fc.nat(2 ** 40),
      fc.nat(10 ** 6),
      (columns, bytes, files) => {
        const state = {
          ...half,
          found: { files: files + 1, bytes: bytes + 1 },
          done: { files, bytes },
          bytesIn: bytes,
          failed: 3,
        }
        const line = renderProgress(state, columns)
        expect(textWidth(line)).toBeLessThan(columns)
        expect(line).not.toContain('\n')
      },
    ),
  )
})

test('the bar has its width at every fraction', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1, max: 2, noNaN: true }),
      fc.integer({ min: 1, max: 60 }),
      (fraction, width) => {
        expect(textWidth(renderBar(fraction, width))).toBe(width)
      },
    ),
  )
})
