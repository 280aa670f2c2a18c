/** Lets a number of things happen at a time, first come, first served. */
export interface Lanes {
  /** Runs `work` when a lane is free. Rejects with the signal's reason when it fires before that. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/**
 * Shared by all chunks a worker has in hand: the objects of the next one fill the lanes that the last objects of the
 * one before leave free, so the slots behind them are never without work.
 */
export function createLanes(count: number): Lanes {
  let free = count
  const waiting: (() => void)[] = []

  async function enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (free > 0) {
      free -= 1
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      const index = waiting.indexOf(resolve)
      // A lane was given to it in this very moment: it goes in, and the work sees the signal.
      if (index < 0) return
      waiting.splice(index, 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    waiting.push(resolve)
    await promise
    signal.removeEventListener('abort', leave)
  }

  return {
    async run(work, signal) {
      await enter(signal)
      try {
        return await work()
      } finally {
        // The lane goes on to the next in line without being free in between.
        const next = waiting.shift()
        if (next === undefined) free += 1
        else next()
      }
    },
  }
}
