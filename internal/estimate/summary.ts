import { z } from 'zod'
import type { Estimate, Group } from './schema.ts'

const bytes = z.int().nonnegative()

const partSchema = z.object({
  name: z.string().max(1024).describe('Type by the names of files, or first folder.'),
  files: bytes.describe('Files there are.'),
  bytes: bytes.describe('And their bytes.'),
  sampled: bytes.describe('Files that were looked at.'),
  bytesSaved: bytes.describe('Most likely savings.'),
  low: bytes.describe('At least this, with 95 % confidence.'),
  high: bytes.describe('At most this.'),
})

const exampleSchema = z.object({
  path: z.string().max(1024).describe('Key below the prefix.'),
  bytesIn: bytes.describe('Before.'),
  bytesOut: bytes.describe('After.'),
  score: z.number().optional().describe('Estimated SSIMULACRA2 score, where it was measured.'),
  reason: z.string().max(64).optional().describe('Why the file would be kept or skipped.'),
})

const shownParts = 10

/** What is said of an estimate where there is little room: the status of a job, its page, the command line. */
export const estimateSummarySchema = z.object({
  files: bytes.optional().describe('Files the estimate is about.'),
  bytes: bytes.optional().describe('And their bytes.'),
  sampled: bytes.optional().describe('Files that were looked at.'),
  bytesSaved: bytes.optional().describe('Most likely savings.'),
  low: bytes.optional().describe('Savings are at least this, with 95 % confidence.'),
  high: bytes.optional().describe('And at most this.'),
  coreHours: z.number().optional().describe('CPU a run would take, hours of one core.'),
  duration: z.string().optional().describe('How long it would take at maxReplicas.'),
  monthlySavings: z.number().optional().describe('USD at list prices, once the originals are removed.'),
  costs: z.number().optional().describe('USD a run costs once: requests, compute, fees.'),
  byType: z.array(partSchema).max(shownParts).optional().describe('The types with most bytes.'),
  byPrefix: z.array(partSchema).max(shownParts).optional().describe('The first folders with most bytes.'),
  best: z.array(exampleSchema).max(5).optional().describe('Files of the sample that would save most.'),
  worst: z.array(exampleSchema).max(5).optional().describe('And least.'),
})

export type EstimateSummary = z.infer<typeof estimateSummarySchema>

export function summaryOf(estimate: Estimate): EstimateSummary {
  const { found, sample, saved, coreSeconds, duration, money, byType, byPrefix, examples } = estimate
  return {
    files: found.files,
    bytes: found.bytes,
    sampled: sample.files,
    bytesSaved: saved.value,
    low: saved.low,
    high: saved.high,
    coreHours: rounded(coreSeconds.value / 3600),
    duration: durationText(duration.seconds.value),
    monthlySavings: rounded(money.monthlySavings.value),
    costs: rounded(money.upfront.value),
    byType: byType.slice(0, shownParts).map(partOf),
    byPrefix: byPrefix.slice(0, shownParts).map(partOf),
    best: examples.best.map(exampleOf),
    worst: examples.worst.map(exampleOf),
  }
}

function partOf({ name, saved, ...group }: Group): NonNullable<EstimateSummary['byType']>[number] {
  return { name: name.slice(0, 1024), ...group, bytesSaved: saved.value, low: saved.low, high: saved.high }
}

function exampleOf({ path, bytesIn, bytesOut, score, reason }: Estimate['examples']['best'][number]) {
  return {
    path: path.slice(0, 1024),
    bytesIn,
    bytesOut,
    ...(score !== undefined && { score }),
    ...(reason !== undefined && { reason }),
  }
}

/** `45s`, `12m`, `3h20m`, `2d4h`. */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole}s`
  const minutes = Math.ceil(whole / 60)
  if (minutes < 60) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  return hours % 24 === 0 ? `${hours / 24}d` : `${Math.floor(hours / 24)}d${hours % 24}h`
}

/** To four digits: more would be pretence. */
function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
