import { setTimeout as sleep } from 'node:timers/promises'
import { KompressorError } from '../../errors/index.ts'
import { statusOf } from './failure.ts'

const maxConflicts = 5

/**
 * Runs a write that must not replace an object. Stores that do not know the condition (501) write without it: then only
 * the look beforehand protects the object, which is enough where keys contain the identity of the work. Two such writes
 * at once are a conflict (409) for AWS, which says to try again.
 */
export async function ifAbsent<T>(write: (condition: { IfNoneMatch?: '*' }) => Promise<T>): Promise<T> {
  for (let conflicts = 1; ; conflicts++) {
    try {
      return await write({ IfNoneMatch: '*' })
    } catch (error) {
      const cause = error instanceof KompressorError ? error.cause : error
      if (statusOf(cause) === 501) return write({})
      const isConflict = cause instanceof Error && cause.name === 'ConditionalRequestConflict'
      if (!isConflict || conflicts === maxConflicts) throw error
      await sleep(conflicts * 100)
    }
  }
}
