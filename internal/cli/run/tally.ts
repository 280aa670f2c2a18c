import type { ErrorCode } from '../../errors/index.ts'
import { typeLabel } from '../terminal/types.ts'
import type { FileReport } from './report.ts'
import type { Ignored } from './walk.ts'

export interface Counts {
  files: number
  bytesIn: number
  bytesOut: number
  compressed: number
  kept: number
  skipped: number
  failed: number
}

export interface Failure {
  path: string
  code: ErrorCode
  message: string
}

/** Sums up reports in constant memory: counts, and the first failures in full. */
export class Tally {
  readonly total: Counts = zero()
  readonly byType = new Map<string, Counts>()
  /** Files kept or skipped, by why. */
  readonly reasons = new Map<string, number>()
  readonly failuresByCode = new Map<ErrorCode, number>()
  /** The first `failureLimit`. */
  readonly failures: Failure[] = []
  readonly ignored = new Map<Ignored, number>()
  /** Files an earlier run had done. */
  earlier = 0
  readonly #failureLimit: number

  constructor({ failureLimit = 20 }: { failureLimit?: number } = {}) {
    this.#failureLimit = failureLimit
  }

  add(report: FileReport): void {
    const type = typeLabel(report.type)
    const counts = this.byType.get(type) ?? zero()
    this.byType.set(type, counts)
    for (const sum of [counts, this.total]) count(sum, report)
    if (report.outcome === 'failed') this.#addFailure(report.path, report.error.code, report.error.message)
    else {
      if (report.reason !== undefined) increment(this.reasons, report.reason)
      if (report.earlier) this.earlier += 1
    }
  }

  /** Files an earlier run had done, whose types nobody looked at again. */
  addEarlier({ files, bytesIn, bytesOut }: Pick<Counts, 'files' | 'bytesIn' | 'bytesOut'>): void {
    if (files === 0) return
    this.byType.set('done before', { ...zero(), files, bytesIn, bytesOut })
    this.total.files += files
    this.total.bytesIn += bytesIn
    this.total.bytesOut += bytesOut
    this.earlier += files
  }

  /** Files that were skipped before anybody looked into them. */
  addSkipped(reason: string, files: number): void {
    this.total.files += files
    this.total.skipped += files
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + files)
  }

  addIgnored(why: Ignored): void {
    increment(this.ignored, why)
  }

  #addFailure(path: string, code: ErrorCode, message: string): void {
    increment(this.failuresByCode, code)
    if (this.failures.length < this.#failureLimit) this.failures.push({ path, code, message })
  }
}

function zero(): Counts {
  return { files: 0, bytesIn: 0, bytesOut: 0, compressed: 0, kept: 0, skipped: 0, failed: 0 }
}

/** Bytes of failed files are not counted: there is no output to compare them with. */
function count(sum: Counts, report: FileReport): void {
  sum.files += 1
  if (report.outcome === 'failed') {
    sum.failed += 1
    return
  }
  sum.bytesIn += report.bytesIn
  sum.bytesOut += report.bytesOut
  if (report.outcome === 'compressed') sum.compressed += 1
  else if (report.outcome === 'kept_original') sum.kept += 1
  else sum.skipped += 1
}

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
