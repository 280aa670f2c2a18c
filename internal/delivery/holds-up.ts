import { type ErrorCode, isThrottled } from '../errors/index.ts'

const away: ReadonlySet<ErrorCode> = new Set(['storage_unavailable', 'storage_full', 'replica_unavailable'])

/**
 * Whether what was refused says something of the store, or of a server of the web, and not of the file: it wants less,
 * is full or away.
 *
 * @param givenBack whether the attempt was: one object that cannot be had is no store that is away
 */
export function holdsUp(code: ErrorCode, givenBack: boolean): boolean {
  return isThrottled(code) || (givenBack && away.has(code))
}
