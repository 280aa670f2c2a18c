/** What Ctrl-C asks for: the first time to finish what runs, the second time to stop at once. */
export interface Interrupt {
  readonly stop: AbortSignal
  readonly kill: AbortSignal
  /** The signal that came first. */
  readonly received: NodeJS.Signals | undefined
  /** Stops listening. */
  dispose(): void
}

/**
 * One press of Ctrl-C reaches this process several times when npm or another launcher stands between it and the
 * terminal: the terminal signals everyone, and the launcher passes its own on. What comes within this many
 * milliseconds is the same press.
 */
const samePressMs = 300

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Listens for the signals that end a process.
 *
 * @param options.now milliseconds, monotonic
 * @param options.onFirst called when the first one arrives
 */
export function listenForInterrupt({ now, onFirst }: { now: () => number; onFirst: () => void }): Interrupt {
  const stop = new AbortController()
  const kill = new AbortController()
  let first: { signal: NodeJS.Signals; at: number } | undefined
  const listener = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = { signal, at: now() }
      stop.abort()
      onFirst()
    } else if (now() - first.at > samePressMs) kill.abort()
  }
  for (const signal of signals) process.on(signal, listener)
  return {
    stop: stop.signal,
    kill: kill.signal,
    get received() {
      return first?.signal
    },
    dispose: () => {
      for (const signal of signals) process.off(signal, listener)
    },
  }
}

const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }

/** The exit code of a process that ended because of a signal, as shells count: 130 for Ctrl-C. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + (numbers[signal] ?? 0)
}
