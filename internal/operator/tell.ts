import type { Change, EventRecorder } from '../kube/index.ts'
import { isNews, transitions } from './conditions.ts'
import type { CompressionJob } from './resources.ts'

const badWhenFalse: ReadonlySet<string> = new Set(['Ready', 'Notified'])
const badWhenTrue: ReadonlySet<string> = new Set(['Degraded', 'Failed'])

/**
 * Tells the transitions of a job's conditions as Events, when the status comes back from the API server and not when it is
 * written: a reconcile may begin before we have heard of our last write, or never hear that it arrived. What comes back has
 * happened, and comes back once.
 */
export function tellTransitions(
  events: EventRecorder,
  { object, previous }: Extract<Change<CompressionJob>, { type: 'updated' }>,
): void {
  const before = previous.status?.conditions
  const changed = transitions(before, object.status?.conditions ?? [])
  for (const { type, status, reason, message } of changed.filter((one) => isNews(one, before))) {
    const bad = status === 'False' ? badWhenFalse.has(type) : badWhenTrue.has(type)
    events.record(object, { type: bad ? 'Warning' : 'Normal', reason, message })
  }
}
