/** What the API server answers when it refuses: a `Status` object, of which this keeps what callers decide on. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status; 410 also when a watch says so in the middle of its stream. */
  readonly status: number
  /** Such as `NotFound`, `Conflict`, `AlreadyExists`, `Invalid`, `Expired`; empty when the answer was no Status. */
  readonly reason: string
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined

  constructor(
    message: string,
    { status, reason, retryAfter }: { status: number; reason: string; retryAfter?: number | undefined },
  ) {
    super(message)
    this.status = status
    this.reason = reason
    this.retryAfter = retryAfter
  }

  /**
   * @param what the request, as `GET /api/v1/…`
   * @param body as the server sent it: mostly a Status in JSON, but a proxy in between answers what it likes
   */
  static from(what: string, status: number, body: unknown, retryAfter?: number): ApiError {
    const { message, reason, code } = statusOf(body)
    return new ApiError(`${what}: ${message || `HTTP ${status}`}`, {
      status: code ?? status,
      reason: reason ?? '',
      retryAfter,
    })
  }
}

/** The API server cannot be reached, or its answer did not arrive: whether it did what was asked is not known. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'

  /** @param what the request, as `GET /api/v1/…` */
  constructor(what: string, cause: unknown) {
    super(`${what}: no answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** The object is not there (any more). */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

/** Somebody else changed it in between, or it exists already. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409
}

/** The resource version or the continue token is older than what the server remembers. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410
}

function statusOf(body: unknown): { message?: string; reason?: string; code?: number } {
  const value: unknown = typeof body === 'string' ? parsed(body) : body
  if (typeof value !== 'object' || value === null) {
    return typeof body === 'string' ? { message: body.trim().slice(0, 500) } : {}
  }
  return {
    ...('message' in value && typeof value.message === 'string' && { message: value.message }),
    ...('reason' in value && typeof value.reason === 'string' && { reason: value.reason }),
    ...('code' in value && typeof value.code === 'number' && { code: value.code }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
