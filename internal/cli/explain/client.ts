import { type ErrorCode, errorCodes, KompressorError } from '../../errors/index.ts'
import { type ExplainedFile, eventSchema, type FileEvent, fileSchema, problemSchema } from './schema.ts'
import { readMessages } from './sse.ts'

const finalEvents = new Set(['file.completed', 'file.failed', 'file.cancelled'])

/** Milliseconds a service may take to begin its answer. */
const answerMs = 10_000
/** Milliseconds without an event after which the stream has caught up with the present. */
const caughtUpMs = 1500

/**
 * A file as the service knows it.
 *
 * @throws KompressorError storage_unavailable when nobody answers; invalid_configuration when something else does; the
 * service's own codes, such as file_not_found
 */
export async function fetchFile(base: string, id: string): Promise<ExplainedFile> {
  const response = await call(
    `${base}/v1/files/${encodeURIComponent(id)}`,
    base,
    AbortSignal.timeout(answerMs),
  )
  const parsed = fileSchema.safeParse(parseJson(await response.text()))
  if (!parsed.success) {
    throw notOurs(base, parsed.error)
  }
  return parsed.data
}

/** What happened to a file, oldest first: read from its batch's stream until the end of its life, or the present. */
export async function fetchEvents(base: string, file: ExplainedFile): Promise<FileEvent[]> {
  const stop = new AbortController()
  const events: FileEvent[] = []
  let quiet: NodeJS.Timeout | undefined
  const alive = () => {
    clearTimeout(quiet)
    quiet = setTimeout(() => stop.abort(), caughtUpMs)
  }
  try {
    const response = await call(
      `${base}/v1/batches/${encodeURIComponent(file.batchId)}/events`,
      base,
      AbortSignal.any([stop.signal, AbortSignal.timeout(10 * answerMs)]),
    )
    alive()
    for await (const message of readMessages(response.body ?? new ReadableStream())) {
      alive()
      const event = eventSchema.safeParse(parseJson(message)).data
      if (event?.fileId !== file.id) continue
      events.push(event)
      // A file that failed and was tried again has more than one end: the last attempt's is the one to wait for.
      if (finalEvents.has(event.type) && event.attempt === file.attempts) break
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    clearTimeout(quiet)
    stop.abort()
  }
  return events
}

async function call(url: string, base: string, signal: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { signal, headers: { accept: 'application/json, text/event-stream' } })
  } catch (cause) {
    if (signal.aborted && !(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError')) {
      throw cause
    }
    throw new KompressorError(
      'storage_unavailable',
      `no service answers at ${base} (${reasonOf(cause)}); start one with 'kompressor standalone' or name it with --url`,
      { cause },
    )
  }
  if (!response.ok) throw await problemOf(response, base)
  return response
}

async function problemOf(response: Response, base: string): Promise<KompressorError> {
  const text = await response.text()
  const problem = problemSchema.safeParse(parseJson(text)).data
  if (problem === undefined) return notOurs(base, `${response.status} ${response.statusText}`)
  return new KompressorError(isErrorCode(problem.code) ? problem.code : 'internal', problem.detail)
}

function notOurs(base: string, cause: unknown): KompressorError {
  const message = `${base} does not answer like a Kompressor service; is --url right?`
  return new KompressorError('invalid_configuration', message, { cause })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}

/** fetch says "fetch failed" and hides why in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.message : String(cause)
}
