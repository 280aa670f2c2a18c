import { callService, notOurs, parseJson } from '../service.ts'
import { type ExplainedFile, eventSchema, type FileEvent, fileSchema } from './schema.ts'
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
  const response = await callService(base, `/v1/files/${encodeURIComponent(id)}`, {
    signal: AbortSignal.timeout(answerMs),
  })
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
    const response = await callService(base, `/v1/batches/${encodeURIComponent(file.batchId)}/events`, {
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10 * answerMs)]),
    })
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
