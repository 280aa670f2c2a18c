import type { EstimateSummary } from '../../estimate/index.ts'
import type { FiniteJob } from '../../store/index.ts'

/** What is known of a finite job at one moment, from the database. */
export interface FiniteFigures {
  found: number
  leftOut: number
  planned: boolean
  queued: number
  processing: number
  /** Compressed. */
  compressed: number
  kept: number
  skipped: number
  failed: number
  cancelled: number
  bytesIn: number
  bytesOut: number
  coreSeconds: number
  /** Predicted milliseconds of what is done, calibrated. */
  workMs: number
  /** Most frequent first. */
  failures: { code: string; count: number; example: string }[]
  /** Nothing is open and nothing will come. */
  ended: 'completed' | 'cancelled' | undefined
  /** Of a job that is for it. */
  estimate: EstimateSummary | undefined
  reported: boolean
}

/** Put together from the job's rows. */
export function figuresOf({ job, batch, plan, tallies }: FiniteJob): FiniteFigures {
  const outcome = (name: string) =>
    tallies.find((tally) => tally.kind === 'outcome' && tally.name === name)?.files ?? 0
  const types = tallies.filter(({ kind }) => kind === 'type')
  const [kept, skipped] = [outcome('kept_original'), outcome('skipped')]
  // Cancelled chunks end one after another.
  const cancelled = batch.state === 'cancelled' && batch.queued + batch.processing === 0
  return {
    found: plan.foundFiles,
    leftOut: plan.leftOut,
    planned: plan.complete,
    queued: batch.queued,
    processing: batch.processing,
    // Counters move as objects end, tallies with their chunk: the difference is small, and passes.
    compressed: Math.max(0, batch.completed - kept - skipped),
    kept,
    skipped,
    failed: batch.failed,
    cancelled: batch.cancelled,
    bytesIn: batch.bytesIn,
    bytesOut: batch.bytesOut,
    coreSeconds: types.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1000,
    workMs: types.reduce((sum, { predictedMs }) => sum + predictedMs, 0) * job.costFactor,
    failures: tallies
      .filter(({ kind }) => kind === 'failure')
      .slice(0, mostFailures)
      .map(({ name, files, example }) => ({
        code: name,
        count: files,
        example: exampleText(example).slice(0, longestExample),
      })),
    ended: batch.state === 'completed' ? 'completed' : cancelled ? 'cancelled' : undefined,
    estimate: job.estimate ?? undefined,
    // What an estimate says is all the report there is.
    reported: job.reportKey !== null || job.estimate !== null,
  }
}

function exampleText(example: FiniteJob['tallies'][number]['example']): string {
  if (example === null) return ''
  const { key, message } = example
  return message.startsWith(key) ? message : `${key}: ${message}`
}

const mostFailures = 10
const longestExample = 400

export function doneOf({ compressed, kept, skipped, failed }: FiniteFigures): number {
  return compressed + kept + skipped + failed
}
