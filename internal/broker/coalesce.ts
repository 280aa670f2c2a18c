import { setImmediate } from 'node:timers/promises'

/**
 * Turns many requests for the same work into few runs: at most one run at a time, and whatever is requested while one
 * is under way shares the next. The returned function resolves, or rejects, with a run that began after the call, so
 * what the caller wrote down before calling is included.
 *
 * A run begins in a later turn of the event loop: requests of one turn share it, and a chain of runs leaves the loop
 * free in between (PGlite answers within microtasks, which alone would starve sockets and timers).
 *
 *     const flush = coalesce(() => writeAll(dirty))
 *     dirty.add(entry)
 *     await flush()
 */
export function coalesce(run: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  const runAfter = async (before: Promise<void>): Promise<void> => {
    // The requests of the run before have their own promise to hear of its failure.
    await Promise.allSettled([before])
    await setImmediate()
    next = undefined
    await run()
  }
  return () => {
    if (next === undefined) {
      next = runAfter(current)
      current = next
    }
    return next
  }
}
