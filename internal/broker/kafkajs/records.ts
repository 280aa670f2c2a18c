import type { KafkaMessage, Message } from 'kafkajs'
import type { IncomingRecord, OutgoingRecord } from '../port.ts'

/** Copies: the message's bytes are slices of a fetch, which would stay in memory as long as one of them is used. */
export function incoming(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value
    if (last !== undefined) headers[name] = last.toString()
  }
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key?.toString(),
    value: message.value?.toString() ?? '',
    headers,
    timestamp: Number(message.timestamp),
  }
}

export function outgoing({ key, value, headers, partition }: OutgoingRecord): Message {
  return {
    value,
    ...(key !== undefined && { key }),
    ...(headers !== undefined && { headers }),
    ...(partition !== undefined && { partition }),
  }
}
