import type { Job } from '../api/index.ts'
import type { Tone } from '../ui/index.ts'

export interface JobState {
  label: string
  tone: Tone
  /** What is behind it, in a sentence; absent when there is nothing to say. */
  message?: string
}

/** Written as people read it: `WaitingForWorkers` is `Waiting for workers`. */
export function words(reason: string): string {
  const spaced = reason.replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

/** The one thing that says most about a job, from its conditions. */
export function stateOf({ conditions, suspended }: Pick<Job, 'conditions' | 'suspended'>): JobState {
  const find = (type: string) => conditions.find((condition) => condition.type === type)
  const holds = (type: string) => {
    const condition = find(type)
    return condition?.status === 'True' ? condition : undefined
  }
  const failed = holds('Failed')
  if (failed !== undefined) return { label: 'Failed', tone: 'bad', message: failed.message }
  if (holds('Complete') !== undefined) return { label: 'Complete', tone: 'good' }
  const ready = find('Ready')
  if (ready === undefined) return { label: 'New', tone: 'plain' }
  if (ready.status !== 'True') return { label: words(ready.reason), tone: 'bad', message: ready.message }
  if (suspended === true) return { label: 'Suspended', tone: 'plain' }
  const degraded = holds('Degraded')
  if (degraded !== undefined) return { label: 'Degraded', tone: 'warn', message: degraded.message }
  const progressing = find('Progressing')
  if (progressing?.status !== 'True') return { label: words(progressing?.reason ?? 'Ready'), tone: 'plain' }
  if (progressing.reason === 'WaitingForWorkers') {
    return { label: words(progressing.reason), tone: 'warn', message: progressing.message }
  }
  return { label: 'Working', tone: 'busy' }
}

/** Conditions whose being true is bad news. */
const bad: ReadonlySet<string> = new Set(['Degraded', 'Failed', 'Throttled', 'PartitionBound'])

/** How a condition is to be taken. */
export function toneOf({ type, status }: Job['conditions'][number]): Tone {
  if (bad.has(type)) return status === 'True' ? (type === 'Failed' ? 'bad' : 'warn') : 'plain'
  if (type === 'Ready') return status === 'True' ? 'good' : 'bad'
  if (type === 'Notified' && status === 'False') return 'warn'
  return status === 'True' ? 'good' : 'plain'
}

/** Files that came to a result, that failed and that there are. */
export function progressOf({ files }: Pick<Job, 'files'>): { done: number; failed: number; found: number } {
  const { found = 0, completed = 0, kept = 0, skipped = 0, failed = 0 } = files ?? {}
  return { done: completed + kept + skipped, failed, found }
}

/** Older than this, what is shown of a job with work is not what is: the operator looks every 5 s. */
const staleMs = 60_000

/** Whether nobody has looked at a job that has something to do for a while. */
export function isStale({ observedAt, lag, replicas }: Job, now: number): boolean {
  const busy = (lag?.records ?? 0) > 0 || (lag?.workSeconds ?? 0) > 0 || (replicas?.desired ?? 0) > 0
  return busy && now - Date.parse(observedAt) > staleMs
}
