export interface DescribedError {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: DescribedError
}

/** Causes deeper than this are cut off; nothing sensible nests so far, and a cycle must end. */
const maxDepth = 5

/** An error as a plain value for a log line: its code and its causes too, which JSON leaves out. */
export function describeError(error: unknown): DescribedError {
  return describe(error, 0)
}

function describe(error: unknown, depth: number): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= maxDepth ? {} : { cause: describe(error.cause, depth + 1) }),
  }
}
