import type { EstimateSummary } from '../../estimate/index.ts'
import type { Judgement } from '../conditions.ts'
import { type Held, heldUp } from '../held.ts'
import type { CompressionJobSpec } from '../schema/index.ts'
import type { Trouble } from '../trouble.ts'
import { doneOf, type FiniteFigures } from './figures.ts'
import { stoppedByPolicy } from './policy.ts'

export interface Judged {
  figures: FiniteFigures
  spec: CompressionJobSpec
  /** Held by the failure policy. */
  stopped: boolean
  /** Ended by it. */
  failedByPolicy: boolean
  starved: boolean
  /** What planner, report writer or pods say. */
  trouble: Trouble | undefined
  /** What a store refuses the workers for the moment. */
  held: Held | undefined
  /** Its limits hold the workers back. */
  limited: boolean
}

/** The conditions that only jobs that end have: Planned, Progressing, Complete, Failed; and what holds their workers up. */
export function judge(judged: Judged): Judgement[] {
  return [planned(judged), progressing(judged), ...outcome(judged), ...heldUp(judged)]
}

function planned({ figures, trouble }: Judged): Judgement {
  const { found, leftOut, estimate } = figures
  const type = 'Planned'
  if (figures.planned && estimate !== undefined) {
    const message = `The source has ${files(estimate.files ?? 0)} for this job; ${estimate.sampled ?? 0} were looked at.`
    return { type, status: true, reason: 'SourceSampled', message }
  }
  if (figures.planned) {
    const rest = leftOut > 0 ? `; the filters left out ${leftOut}` : badLines(figures)
    return {
      type,
      status: true,
      reason: 'SourceRead',
      message: `The source has ${files(found)} for this job${rest}.`,
    }
  }
  if (trouble !== undefined) return { type, status: false, reason: trouble.reason, message: trouble.message }
  return {
    type,
    status: false,
    reason: 'Reading',
    message: `The source is being read: ${files(found)} so far.`,
  }
}

function badLines({ failures }: FiniteFigures): string {
  const bad = failures.find(({ code }) => code === 'bad_line')
  if (bad === undefined) return ''
  const lines = bad.count === 1 ? '1 line of the list' : `${bad.count} lines of the list`
  return `; ${lines} cannot be used, such as ${bad.example}`
}

function progressing({ figures, spec, stopped, failedByPolicy, starved, trouble }: Judged): Judgement {
  const say = (status: boolean, reason: string, message: string): Judgement => ({
    type: 'Progressing',
    status,
    reason,
    message,
  })
  const { ended, reported } = figures
  if (ended !== undefined && reported) return say(false, 'Ended', 'The job has ended.')
  if (ended !== undefined && failedByPolicy) {
    return say(
      true,
      stoppedByPolicy,
      trouble?.message ?? `${tooMany(figures, spec)} The report is being written.`,
    )
  }
  if (ended !== undefined) {
    return say(true, 'WritingReport', trouble?.message ?? 'Every file is done; the report is being written.')
  }
  if (failedByPolicy) return say(false, stoppedByPolicy, `${tooMany(figures, spec)} The job is being ended.`)
  if (stopped) {
    const todo = 'Correct the cause, then raise spec.failurePolicy.maxFailedPercent to go on.'
    return say(false, stoppedByPolicy, `${tooMany(figures, spec)} ${todo}`)
  }
  if (spec.suspend) return say(false, 'Suspended', 'spec.suspend is true: nothing new is begun.')
  if (trouble !== undefined) return say(false, trouble.reason, trouble.message)
  if (starved) return say(true, 'WaitingForWorkers', 'Work is open and no worker is ready yet.')
  const open = figures.queued + figures.processing
  if (open > 0) return say(true, 'Working', 'Files are being worked on.')
  return say(true, 'Planning', 'The source is being read.')
}

function outcome({ figures, spec, failedByPolicy }: Judged): Judgement[] {
  const { ended, reported, failed, found, leftOut, estimate } = figures
  const both = (complete: boolean, reason: string, message: string): Judgement[] => [
    { type: 'Complete', status: complete, reason, message },
    { type: 'Failed', status: !complete, reason, message },
  ]
  if (ended === undefined || !reported) {
    return (['Complete', 'Failed'] as const).map((type) => ({
      type,
      status: false,
      reason: 'NotEnded',
      message: 'The job has not ended.',
    }))
  }
  if (failedByPolicy) return both(false, stoppedByPolicy, tooMany(figures, spec))
  if (ended === 'cancelled')
    return both(
      false,
      'Cancelled',
      `The job was cancelled with ${figures.cancelled} of ${files(found)} open.`,
    )
  if (failed > 0)
    return both(
      false,
      'FilesFailed',
      `${failed} of ${files(found)} failed: ${causes(figures)}. The report and the ledger beside the outputs name them all.`,
    )
  if (estimate !== undefined) return both(true, 'Estimated', estimateText(estimate))
  if (found === 0) {
    const why =
      leftOut > 0
        ? `its ${files(leftOut)} are all left out by the filters: look at include, exclude and the sizes`
        : 'nothing was found there: look at bucket and prefix'
    return both(true, 'NothingFound', `The source has no files for this job; ${why}.`)
  }
  return both(true, 'AllDone', `All of ${files(found)} are done.`)
}

function estimateText({
  files: count = 0,
  bytes = 0,
  bytesSaved = 0,
  low = 0,
  high = 0,
}: EstimateSummary): string {
  if (count === 0) return 'The source has no files for this job: look at bucket, prefix and filters.'
  const percent = (saved: number) => `${((100 * saved) / bytes).toFixed(1)} %`
  return `Of ${files(count)} a run would save ${percent(bytesSaved)} of the bytes, with 95 % confidence ${percent(low)} to ${percent(high)}.`
}

function tooMany(figures: FiniteFigures, { failurePolicy }: CompressionJobSpec): string {
  const done = doneOf(figures)
  return `${figures.failed} of the ${files(done)} that are done failed, more than ${failurePolicy.maxFailedPercent} %: ${causes(figures)}.`
}

function causes({ failures }: FiniteFigures): string {
  const first = failures
    .slice(0, 3)
    .map(({ code, count, example }) => `${code} (${count}, such as ${example})`)
  return first.length === 0 ? 'their chunks have not said why yet' : first.join('; ')
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
