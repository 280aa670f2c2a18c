import type { ProgressState } from './progress.ts'
import type { FileReport } from './report.ts'
import type { RunObserver } from './run.ts'
import { Tally } from './tally.ts'
import type { Ignored } from './walk.ts'

/** Follows a run: sums for the end, and how far it is meanwhile. */
export class RunState implements RunObserver {
  readonly tally = new Tally()
  /** Called with every report. */
  onFile: (report: FileReport) => void = () => undefined
  last: FileReport | undefined
  readonly #now: () => number
  readonly #began: number
  #found = { files: 0, bytes: 0 }
  #scanned = false
  #done = { files: 0, bytes: 0 }
  #worked = 0

  constructor(now: () => number) {
    this.#now = now
    this.#began = now()
  }

  get elapsedMs(): number {
    return this.#now() - this.#began
  }

  onFound(bytes: number): void {
    this.#found.files += 1
    this.#found.bytes += bytes
  }

  onScanned(): void {
    this.#scanned = true
  }

  onIgnored(_path: string, why: Ignored): void {
    this.tally.addIgnored(why)
  }

  onReport(report: FileReport): void {
    this.tally.add(report)
    this.last = report
    this.#done.files += 1
    this.#done.bytes += report.bytesIn
    if (report.ms > 0) this.#worked += report.bytesIn
    this.onFile(report)
  }

  progress(): ProgressState {
    const { bytesIn, bytesOut, failed } = this.tally.total
    return {
      found: this.#found,
      scanned: this.#scanned,
      done: this.#done,
      failed,
      bytesIn,
      bytesOut,
      worked: this.#worked,
      elapsedMs: this.elapsedMs,
    }
  }
}
