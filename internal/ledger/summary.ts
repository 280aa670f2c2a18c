import { type CompressionOptions, guessType, predictUploadCost } from '../codec/index.ts'
import {
  type ChunkCounts,
  type ChunkEffort,
  type ChunkFailures,
  type ChunkOutcome,
  noCounts,
} from '../messages/index.ts'
import type { LedgerLine } from './line.ts'

export type PartSummary = Pick<ChunkOutcome, 'counts' | 'failures' | 'reasons' | 'efforts' | 'retry'>

/**
 * What a part says, as its report carries it. Reports are made from the part that was written and from nothing else, so
 * that counters and ledger agree. Lines are in the order of the chunk's objects.
 */
export function summarise(lines: readonly LedgerLine[], options: CompressionOptions): PartSummary {
  const counts: ChunkCounts = { ...noCounts }
  const reasons = new Map<string, number>()
  const failures: ChunkFailures[] = []
  const codes: ChunkFailures[] = []
  const retry = { failed: [] as number[], throttled: [] as number[], codes }
  for (const [index, line] of lines.entries()) {
    if (line.outcome === 'retry') {
      retry[line.throttled ? 'throttled' : 'failed'].push(index)
      addFailure(codes, line)
    } else if (line.outcome === 'failed') {
      counts.failed += 1
      addFailure(failures, line)
    } else if (line.outcome === 'cancelled') counts.cancelled += 1
    else {
      counts[outcomeCounters[line.outcome]] += 1
      counts.bytesIn += line.source.bytes
      counts.bytesOut += line.output?.bytes ?? line.source.bytes
      if (line.reason !== undefined) reasons.set(line.reason, (reasons.get(line.reason) ?? 0) + 1)
    }
  }
  return {
    counts,
    failures,
    reasons: [...reasons].map(([reason, count]) => ({ reason, count })),
    efforts: effortsOf(lines, options),
    retry,
  }
}

/** What was measured against what was predicted, by the type the prediction assumed. */
function effortsOf(lines: readonly LedgerLine[], options: CompressionOptions): ChunkEffort[] {
  const efforts = new Map<string, ChunkEffort>()
  for (const line of lines) {
    if (!('cpuMs' in line) || line.earlier === true) continue
    const { key, bytes, path: name = key } = line.source
    const type = guessType({ name }) ?? unknownType
    const effort = efforts.get(type) ?? { type, files: 0, bytesIn: 0, bytesOut: 0, cpuMs: 0, predictedMs: 0 }
    efforts.set(type, effort)
    effort.files += 1
    effort.bytesIn += bytes
    effort.bytesOut += line.output?.bytes ?? bytes
    effort.cpuMs += line.cpuMs
    effort.predictedMs += predictUploadCost({ name, size: bytes }, options)
  }
  return [...efforts.values()]
}

/** Files whose names say nothing about their type. */
export const unknownType = 'application/octet-stream'

const outcomeCounters = { compressed: 'compressed', kept_original: 'kept', skipped: 'skipped' } as const

function addFailure(
  failures: ChunkFailures[],
  { source, error }: Extract<LedgerLine, { outcome: 'failed' | 'retry' }>,
): void {
  const known = failures.find(({ code }) => code === error.code)
  if (known !== undefined) known.count += 1
  else failures.push({ code: error.code, count: 1, example: { key: source.key, message: error.message } })
}
