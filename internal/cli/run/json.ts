import type { FileReport } from './report.ts'
import type { Counts, Tally } from './tally.ts'

/** The line of one file in `--json`. Part of the interface: add, never rename. */
export function fileLine(report: FileReport): string {
  const { path, outcome, type, bytesIn } = report
  const facts = { kind: 'file', path, outcome, type, bytesIn, ms: Math.round(report.ms) }
  if (report.outcome === 'failed') return JSON.stringify({ ...facts, error: report.error })
  const { reason, bytesOut, output, earlier } = report
  return JSON.stringify({ ...facts, reason, bytesOut, output, earlier })
}

/** The last line of `--json`. */
export function summaryLine(tally: Tally, facts: { elapsedMs: number; interrupted: boolean }): string {
  const { files, compressed, kept, skipped, failed, bytesIn, bytesOut } = tally.total
  return JSON.stringify({
    kind: 'summary',
    files: { total: files, compressed, kept, skipped, failed, earlier: tally.earlier },
    bytes: { in: bytesIn, out: bytesOut, saved: bytesIn - bytesOut },
    savedPercent: savedPercent(tally.total),
    byType: Object.fromEntries(tally.byType),
    reasons: Object.fromEntries(tally.reasons),
    failures: Object.fromEntries(tally.failuresByCode),
    ignored: Object.fromEntries(tally.ignored),
    elapsedMs: Math.round(facts.elapsedMs),
    interrupted: facts.interrupted,
  })
}

/** With one digit after the point. */
function savedPercent({ bytesIn, bytesOut }: Counts): number {
  return bytesIn === 0 ? 0 : Math.round(((bytesIn - bytesOut) / bytesIn) * 1000) / 10
}
