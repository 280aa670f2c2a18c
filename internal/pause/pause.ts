import { setTimeout } from 'node:timers/promises'

/** Waits, until the signal fires at the latest. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  try {
    await setTimeout(Math.min(ms, 2 ** 31 - 1), undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
