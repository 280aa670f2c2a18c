import pg from 'pg'
import { type ErrorCode, KompressorError } from '../../errors/index.ts'

/**
 * What a driver's error means to callers, for the errors that have nothing to do with the statement: the server is away,
 * too busy or full. Others (a violated constraint, a typo) come back as they are.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function translated(error: unknown): unknown {
  if (error instanceof KompressorError || !(error instanceof Error)) return error
  const code = meaningOf(error)
  if (code === undefined) return error
  return new KompressorError(code, `the database does not do its work: ${error.message}`, { cause: error })
}

function meaningOf(error: Error): ErrorCode | undefined {
  if (!(error instanceof pg.DatabaseError))
    return isConnectionFault(error) ? 'database_unavailable' : undefined
  const state = error.code ?? ''
  if (state === '53100') return 'storage_full'
  // The session is over, whatever ended it or kept it from beginning.
  if (error.severity === 'FATAL' || error.severity === 'PANIC') return 'database_unavailable'
  return unavailable.some((prefix) => state.startsWith(prefix)) ? 'database_unavailable' : undefined
}

/** Prefixes of SQLSTATEs that say nothing about the statement: the same one may succeed later. */
const unavailable = [
  '08', // connection exceptions
  '40', // deadlock, serialization failure
  '53', // too many connections, out of memory
  '55P03', // lock_timeout
  '57', // shutting down, starting up, cancelled by a timeout
  '58', // the server's own I/O
  '25006', // read-only: a standby, in the middle of a failover
  'XX', // internal error
]

/** The driver's own errors have no class and hardly ever a code. */
function isConnectionFault(error: Error): boolean {
  if ('syscall' in error) return true
  return /connection|timeout|not queryable|pool after calling end/i.test(error.message)
}
