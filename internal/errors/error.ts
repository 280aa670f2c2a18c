import { type ErrorCode, errorCodes } from './codes.ts'

/** How an error travels in messages, rows and responses. */
export interface ErrorBody {
  code: ErrorCode
  message: string
}

/**
 * The one error class. Thrown at the place that knows what happened, translated once at the edge (a problem document,
 * a report, an exit code). The message says what is wrong with which thing and what to do about it.
 *
 *     throw new KompressorError('empty_file', `${name} has no bytes; upload it again`)
 */
export class KompressorError extends Error {
  override readonly name = 'KompressorError'
  readonly code: ErrorCode
  readonly retryable: boolean
  /** HTTP status when this answers a request. */
  readonly status: number

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.retryable = errorCodes[code].retryable
    this.status = errorCodes[code].status
  }

  toBody(): ErrorBody {
    return { code: this.code, message: this.message }
  }
}

/** Codes of node:fs and sockets that have a meaning of their own to users. */
const systemCodes: Record<string, ErrorCode> = {
  ENOSPC: 'storage_full',
  EDQUOT: 'storage_full',
  EFBIG: 'storage_full',
}

/**
 * The error itself when it is ours, or the one of ours it wraps (libraries wrap what their callbacks throw); otherwise one
 * with the code its system error stands for, or `fallback` (default `internal`), keeping the cause.
 */
export function toKompressorError(error: unknown, fallback: ErrorCode = 'internal'): KompressorError {
  const known = ours(error)
  if (known !== undefined) return known
  const message = error instanceof Error ? error.message : String(error)
  const system = error instanceof Error && 'code' in error ? systemCodes[String(error.code)] : undefined
  return new KompressorError(system ?? fallback, message, { cause: error })
}

function ours(error: unknown): KompressorError | undefined {
  if (error instanceof KompressorError) return error
  return error instanceof Error ? ours(error.cause) : undefined
}
