import type { IncomingRecord, OutgoingRecord } from '../port.ts'

type Body = [value: string, key?: string | null, headers?: Record<string, string>]

/** The `body` column of a record. */
export function encodeBody({ value, key, headers }: OutgoingRecord): string {
  const body: Body =
    headers !== undefined ? [value, key ?? null, headers] : key !== undefined ? [value, key] : [value]
  return JSON.stringify(body)
}

/** One row of the log as selected by the reader. */
export type RecordRow = [
  partition: number,
  offset: number | bigint,
  appendedAt: number | bigint,
  body: string,
]

export function decodeRow(topic: string, [partition, offset, appendedAt, body]: RecordRow): IncomingRecord {
  const [value, key, headers]: Body = JSON.parse(body)
  return {
    topic,
    partition,
    offset: BigInt(offset),
    key: key ?? undefined,
    value,
    headers: headers ?? {},
    timestamp: Number(appendedAt),
  }
}
