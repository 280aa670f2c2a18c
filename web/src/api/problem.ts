import type { components } from './generated/schema.ts'

type Problem = components['schemas']['Problem']

/** What keeps a request from being answered: a code of the API, or that there was no answer. */
export type FailureCode = Problem['code'] | 'unreachable'

/** A request that was refused or got no answer. `message` is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: FailureCode
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  readonly retryable: boolean
  /** Every fault of the request, where the API names several: `pointer` leads to the part of the body it is about. */
  readonly faults: readonly { pointer?: string; detail: string }[]

  constructor(
    message: string,
    options: {
      code: FailureCode
      status: number
      retryable: boolean
      faults?: ApiError['faults']
      cause?: unknown
    },
  ) {
    super(message, { cause: options.cause })
    this.code = options.code
    this.status = options.status
    this.retryable = options.retryable
    this.faults = options.faults ?? []
  }
}

const passing: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'unreachable',
  'shutting_down',
  'database_unavailable',
  'storage_unavailable',
  'broker_unavailable',
  'idempotency_in_progress',
])

/** Whether it passes without anybody doing anything: worth waiting for, however long. A store that is full does not. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && passing.has(error.code)
}

const signedOut = 'You are not signed in any more. Sign in again in another tab, then try again here.'

/** No answer at all: the service or the way to it is down. */
export function unreachable(cause?: unknown): ApiError {
  return new ApiError('The service cannot be reached.', {
    code: 'unreachable',
    status: 0,
    retryable: true,
    cause,
  })
}

/** The error an answer stands for, whatever its body is: proxies answer in HTML. */
export function answered(status: number, body: unknown): ApiError {
  // Whoever says it: the service knows no people, so it is what stands before it.
  if (status === 401) return new ApiError(signedOut, { code: 'invalid_token', status, retryable: false })
  if (isProblem(body)) {
    const { detail, title, code, retryable, errors } = body
    return new ApiError(sentence(detail || title), {
      code,
      status,
      retryable,
      ...(errors && {
        faults: errors.map(({ pointer, detail }) => ({ ...(pointer !== undefined && { pointer }), detail })),
      }),
    })
  }
  if (status === 502 || status === 503 || status === 504) return unreachable(status)
  return new ApiError(`The service answered with status ${status}.`, {
    code: 'internal',
    status,
    retryable: status >= 500,
  })
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body && 'status' in body
}

/** Messages of the API start small and have no full stop, because they are quoted in other sentences. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  const start = trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
  return /[.!?…]$/.test(start) ? start : `${start}.`
}
