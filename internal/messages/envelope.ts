import { KompressorError } from '../errors/index.ts'

/**
 * What a record is, as the attributes of a CloudEvent in the binary mode of its Kafka binding: the headers say what it
 * is, the value is the JSON itself. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 *
 * The last part of a type is its version. It changes when a reader of the old version could not read the new one, or
 * would take it for something else; a field that may be left out changes nothing.
 */
export const messageTypes = {
  task: 'dev.kompressor.task.v1',
  chunkTask: 'dev.kompressor.chunk-task.v1',
  report: 'dev.kompressor.report.v1',
  chunkReport: 'dev.kompressor.chunk-report.v1',
  deadLetter: 'dev.kompressor.dead-letter.v1',
  chunkDeadLetter: 'dev.kompressor.chunk-dead-letter.v1',
} as const

export type MessageType = keyof typeof messageTypes

export interface Envelope {
  /** The same whenever the same thing is said again. */
  id: string
  /** Who says it, as a path. */
  source: string
  /** When it happened. */
  time: Date
}

/** The headers of a record. */
export function envelopeHeaders(type: MessageType, { id, source, time }: Envelope): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: messageTypes[type],
    ce_source: source,
    ce_time: time.toISOString(),
    'content-type': 'application/json',
  }
}

/**
 * Throws unsupported_message when a record says that it is something else, or of another version: it would come again
 * for ever if it were refused in any other way. One that says nothing is held against the schema alone.
 */
export function requireType(types: readonly MessageType[], headers: Readonly<Record<string, string>>): void {
  const { ce_type: given } = headers
  const known = types.map((type): string => messageTypes[type])
  if (given === undefined || known.includes(given)) return
  throw new KompressorError(
    'unsupported_message',
    `the record is a ${given}; this process reads ${known.join(' and ')}`,
  )
}

/** Headers of a record nobody could read, for the dead-letter topic: its own, and why it is there. */
export function unreadableHeaders(
  headers: Readonly<Record<string, string>>,
  { topic, error }: { topic: string; error: Error },
): Record<string, string> {
  return { ...headers, 'kompressor-error': error.message.slice(0, longestReason), 'kompressor-source': topic }
}

/** Characters: a schema's complaint about a long record is as long as the record. */
const longestReason = 1_000
