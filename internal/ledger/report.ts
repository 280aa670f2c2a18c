import type { ErrorCode } from '../errors/index.ts'
import type { LedgerLine } from './line.ts'

interface Counts {
  files: number
  compressed: number
  kept: number
  skipped: number
  failed: number
  bytesIn: number
  bytesOut: number
}

export interface LedgerReport {
  /** Objects with a line. Those that were settled while listing have none. */
  files: Omit<Counts, 'files' | 'bytesIn' | 'bytesOut'> & {
    total: number
    cancelled: number
    unfinished: number
  }
  /** Of objects with an outcome; saved may be nothing, never less. */
  bytes: { in: number; out: number; saved: number }
  savingsPercent: number
  coreSeconds: number
  /** By media type of the source. */
  byType: Record<string, Counts>
  reasons: Record<string, number>
  /** The most frequent first. */
  topFailures: { code: ErrorCode; count: number; examples: { key: string; message: string }[] }[]
}

const mostFailures = 20
const mostExamples = 3

/** What a ledger comes to. Memory grows with the number of types and codes only. */
export function reportOf(lines: Iterable<LedgerLine>): LedgerReport {
  const total = zero()
  const rest = { cancelled: 0, unfinished: 0 }
  const byType = new Map<string, Counts>()
  const reasons = new Map<string, number>()
  const failures = new Map<ErrorCode, LedgerReport['topFailures'][number]>()
  let cpuMs = 0
  for (const line of lines) {
    if (line.outcome === 'cancelled') rest.cancelled += 1
    else if (line.outcome === 'retry') rest.unfinished += 1
    else {
      const type = line.type ?? 'unknown'
      const counts = byType.get(type) ?? zero()
      byType.set(type, counts)
      for (const sum of [counts, total]) count(sum, line)
      if (line.outcome === 'failed') addFailure(failures, line)
      else {
        cpuMs += line.cpuMs
        if (line.reason !== undefined) reasons.set(line.reason, (reasons.get(line.reason) ?? 0) + 1)
      }
    }
  }
  const { files, bytesIn, bytesOut, ...outcomes } = total
  return {
    files: { total: files + rest.cancelled + rest.unfinished, ...outcomes, ...rest },
    bytes: { in: bytesIn, out: bytesOut, saved: bytesIn - bytesOut },
    savingsPercent: bytesIn === 0 ? 0 : Math.round(((bytesIn - bytesOut) / bytesIn) * 1000) / 10,
    coreSeconds: Math.round(cpuMs) / 1000,
    byType: Object.fromEntries([...byType].sort(([, a], [, b]) => b.bytesIn - a.bytesIn)),
    reasons: Object.fromEntries(reasons),
    topFailures: [...failures.values()].sort((a, b) => b.count - a.count).slice(0, mostFailures),
  }
}

function zero(): Counts {
  return { files: 0, compressed: 0, kept: 0, skipped: 0, failed: 0, bytesIn: 0, bytesOut: 0 }
}

const counters = {
  compressed: 'compressed',
  kept_original: 'kept',
  skipped: 'skipped',
  failed: 'failed',
} as const

function count(sum: Counts, line: Exclude<LedgerLine, { outcome: 'cancelled' | 'retry' }>): void {
  sum.files += 1
  sum[counters[line.outcome]] += 1
  if (line.outcome === 'failed') return
  sum.bytesIn += line.source.bytes
  sum.bytesOut += line.output?.bytes ?? line.source.bytes
}

function addFailure(
  failures: Map<ErrorCode, LedgerReport['topFailures'][number]>,
  { source, error }: Extract<LedgerLine, { outcome: 'failed' }>,
): void {
  const failure = failures.get(error.code) ?? { code: error.code, count: 0, examples: [] }
  failures.set(error.code, failure)
  failure.count += 1
  if (failure.examples.length < mostExamples)
    failure.examples.push({ key: source.key, message: error.message })
}
