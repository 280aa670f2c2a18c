import { createRequire } from 'node:module'

type Method = (this: object) => void

/**
 * kafkajs arms a timer of about a millisecond on every connection again and again, also when no request waits: 4 % of a
 * core for an idle client (kafkajs#1751). This keeps the timer for when something waits. Once a process.
 */
export function quietIdleConnections(): void {
  const queue: unknown = createRequire(import.meta.url)('kafkajs/src/network/requestQueue')
  const prototype = typeof queue === 'function' ? queue.prototype : undefined
  const schedule: unknown = prototype?.[method]
  // Another version of kafkajs may have mended it and lack the method.
  if (typeof schedule !== 'function' || quieted.has(schedule)) return
  const quiet: Method = function () {
    if ('pending' in this && Array.isArray(this.pending) && this.pending.length === 0) return
    schedule.call(this)
  }
  quieted.add(quiet)
  prototype[method] = quiet
}

const method = 'scheduleCheckPendingRequests'
const quieted = new WeakSet<object>()
