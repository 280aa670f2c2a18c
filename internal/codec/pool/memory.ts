import { readFileSync } from 'node:fs'
import os from 'node:os'

/** Bytes this process may use at most: the limit of its container, or the machine's memory when that is less. */
export function defaultMemoryLimit(): number {
  // Without a limit Node answers 0 or the largest number there is, depending on the system.
  return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, os.totalmem())
}

/**
 * Resident bytes of a process now; undefined when it is gone or the system has no /proc (then there is no watchdog).
 * Read synchronously: the kernel answers from memory in microseconds, while a read through the thread pool would wait
 * behind whatever fills it, which is when the watchdog is needed.
 */
export function residentBytes(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    // The file is gone with the process.
    return undefined
  }
}

/** The part of the memory left for children that running files may take together before one of them is killed. */
export const dangerLine = 0.8

/** The part that predictions are let in for; the rest is for predictions that were too low. */
export const admissionLine = 0.6

/** A child at work. */
export interface Working {
  /** Resident bytes now. */
  rss: number
  /** Predicted resident bytes. */
  predicted: number
}

/**
 * The child to kill, if any: when those at work hold more than 80 % of the memory that is left for them, the one that
 * exceeds its prediction most. Killing one child loses one attempt at one file; reaching the limit loses the container
 * with all of them.
 *
 * @param available bytes that are left for the children at work, including what they hold now
 */
export function overgrown<T extends Working>(working: readonly T[], available: number): T | undefined {
  const held = working.reduce((sum, { rss }) => sum + rss, 0)
  if (held <= dangerLine * available) return undefined
  const excess = (child: Working) => child.rss - child.predicted
  return working.reduce<T | undefined>(
    (worst, child) => (worst === undefined || excess(child) > excess(worst) ? child : worst),
    undefined,
  )
}
