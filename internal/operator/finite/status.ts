import type { JobIdentity } from '../names.ts'
import type { Status } from '../schema/index.ts'
import { type Running, runningStatus } from '../status.ts'
import { doneOf } from './figures.ts'
import { type Judged, judge } from './judge.ts'
import type { Pace } from './pace.ts'

export interface FiniteRunning extends Running, Judged {
  pace: Pace | undefined
}

/** What can be said of a job that ends. A function of what was seen. */
export function finiteStatus(
  job: JobIdentity & { generation: number | undefined },
  before: Status | undefined,
  running: FiniteRunning,
  now: Date,
): Status {
  const { figures, pace, trouble } = running
  const { found, queued, processing, compressed, kept, skipped, failed } = figures
  const own = judge(running)
  if (trouble !== undefined) {
    const { reason, message } = trouble
    own.push(
      { type: 'Ready', status: false, reason, message },
      { type: 'Degraded', status: true, reason, message },
    )
  }
  return {
    ...runningStatus(job, before, running, now, own),
    files: { found, queued, processing, completed: compressed, kept, skipped, failed },
    ...(pace !== undefined && {
      throughput: {
        filesPerSecond: rounded(pace.filesPerSecond),
        bytesPerSecond: Math.round(pace.bytesPerSecond),
      },
    }),
    ...estimated(running, now),
    usage: { coreSeconds: rounded(figures.coreSeconds) },
    ...(figures.estimate !== undefined && { estimate: figures.estimate }),
    ...(figures.failures.length > 0 && { topFailures: figures.failures }),
    ...(figures.ended !== undefined &&
      figures.reported && { completionTime: before?.completionTime ?? now.toISOString() }),
  }
}

/** When it will be done at the present pace; nothing is promised before the source is read. */
function estimated({ figures, pace }: FiniteRunning, now: Date): Pick<Status, 'estimatedCompletionTime'> {
  const left = figures.found - doneOf(figures) - figures.cancelled
  if (!figures.planned || figures.ended !== undefined || pace === undefined || pace.filesPerSecond === 0)
    return {}
  const at = now.getTime() + (left / pace.filesPerSecond) * 1000
  // To ten seconds: it is an estimate, and shall not change with every look.
  return { estimatedCompletionTime: new Date(Math.ceil(at / 10_000) * 10_000).toISOString() }
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
