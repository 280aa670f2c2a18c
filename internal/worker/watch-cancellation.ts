import type { Work } from './control.ts'
import type { TaskContext } from './handle-task.ts'

/** A signal that fires when the worker stops or the work is not wanted any more. */
export function watchCancellation(
  { control, controlIntervalMs, logger }: Pick<TaskContext, 'control' | 'controlIntervalMs' | 'logger'>,
  work: Work,
  stopping: AbortSignal,
): { signal: AbortSignal; stop: () => void } {
  const unwanted = new AbortController()
  const ask = async () => {
    try {
      if (await control.isUnwanted(work)) unwanted.abort()
    } catch (error) {
      logger.debug({ error, ...work }, 'could not ask whether the work is still wanted; going on')
    }
  }
  const timer = setInterval(ask, controlIntervalMs)
  return { signal: AbortSignal.any([stopping, unwanted.signal]), stop: () => clearInterval(timer) }
}
