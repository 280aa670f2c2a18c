import { createHash } from 'node:crypto'
import { KompressorError } from '../../errors/index.ts'

/**
 * Cursors are opaque to clients: the id a page ended with, and a checksum that ties it to the list and its filters. The
 * checksum keeps no secret (every list is limited to its tenant anyway); it turns a mangled cursor, or one of another
 * list, into an error instead of a page that silently misses rows.
 */
export function encodeCursor(scope: string, after: string): string {
  return Buffer.from(`${checksum(scope, after)}${after}`).toString('base64url')
}

/** Throws invalid_request for anything `encodeCursor` did not make for this scope. */
export function decodeCursor(scope: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  const after = text.slice(checksumLength)
  if (encodeCursor(scope, after) === cursor) return after
  throw new KompressorError(
    'invalid_request',
    'cursor: this list did not give it with these filters; start again without a cursor',
  )
}

const checksumLength = 12

function checksum(scope: string, after: string): string {
  return createHash('sha256')
    .update(JSON.stringify([scope, after]))
    .digest('base64url')
    .slice(0, checksumLength)
}
