import { expect, test } from 'vitest'
import { plainStyle } from '../terminal/output.ts'
import type { FileReport } from './report.ts'
import { renderSummary } from './summary.ts'
import { Tally } from './tally.ts'

function done(type: string, bytesIn: number, bytesOut: number, reason?: string): FileReport {
  const outcome = reason === undefined ? 'compressed' : 'kept_original'
  return { path: 'x', bytesIn, bytesOut, type, outcome, reason, output: '/out/x', earlier: false, ms: 5 }
}

function failed(path: string): FileReport {
  const error = { code: 'corrupt_input', message: `${path} cannot be decoded` } as const
  return { path, bytesIn: 999, ms: 5, type: 'image/jpeg', outcome: 'failed', error }
}

function summaryOf(reports: readonly FileReport[], interrupted = false): string {
  const tally = new Tally({ failureLimit: 2 })
  for (const report of reports) tally.add(report)
  tally.addIgnored('link')
  const facts = {
    tally,
    elapsedMs: 12_300,
    destinations: ['photos-compressed'],
    interrupted,
    journals: ['log'],
  }
  return renderSummary(facts, plainStyle).join('\n')
}

test('the table has a row per type, the largest first, and a total', () => {
  const text = summaryOf([
    done('image/png', 1_000_000, 900_000),
    done('image/jpeg', 2_000_000, 800_000),
    done('image/jpeg', 500_000, 500_000, 'already_compressed'),
  ])
  expect(text).toBe(`
type   files      in     out  saved  compressed  kept  skipped  failed
JPEG       2  2.5 MB  1.3 MB  48.0%           1     1        ·       ·
PNG        1  1.0 MB  900 kB  10.0%           1     ·        ·       ·
──────────────────────────────────────────────────────────────────────
total      3  3.5 MB  2.2 MB  37.1%           2     1        ·       ·

1.3 MB saved (37.1%) in 12 s. Output: photos-compressed
  1 file kept: compressed well enough already
  1 symbolic link not followed`)
})

test('failures come with code and message; beyond the limit only their number and where to look', () => {
  const text = summaryOf([failed('a.jpg'), failed('b.jpg'), failed('c.jpg')])
  expect(text).toContain('3 files failed and have no output:')
  expect(text).toContain('  a.jpg  corrupt_input\n      a.jpg cannot be decoded')
  expect(text).not.toContain('c.jpg')
  expect(text).toContain('… and 1 more; all are in log')
  expect(text).toContain('by code: 3 corrupt_input')
})

test('failed files are not counted as savings', () => {
  const tally = new Tally()
  tally.add(failed('a.jpg'))
  expect(tally.total).toMatchObject({ files: 1, failed: 1, bytesIn: 0, bytesOut: 0 })
})

test('an interrupted run says how to go on', () => {
  expect(summaryOf([done('image/png', 10, 5)], true)).toContain('run the same command again')
})

test('a folder without files says so instead of showing an empty table', () => {
  expect(summaryOf([])).toBe('There are no files to compress.\n  1 symbolic link not followed')
})
