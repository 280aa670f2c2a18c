/**
 * Follows the events of all batches by change data capture, and prints each as a line of JSON.
 *
 *     node docs/examples/follow-events.ts postgres://reader@db/kompressor warehouse
 *
 * The second argument names the replication slot, which docs/operations.md shows how to make: Postgres keeps the place
 * in it, and everything behind that place. Delivery is at least once: an event comes again when its reader ended between
 * taking it and saying so, and is known by `batch_id` and `seq`.
 */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

/** An event as its columns are written; `data` is JSON. */
export type EventColumns = Readonly<Record<string, string | null>>

export interface FollowOptions {
  client: pg.Client
  slot: string
  publication: string
  signal: AbortSignal
  /** Whole transactions, in the order of their commits. What it resolves for does not come again. */
  onEvents: (events: readonly EventColumns[]) => Promise<void>
}

const peek = `
  select lsn, data from pg_logical_slot_peek_binary_changes(
    $1, null, 500, 'proto_version', '1', 'publication_names', $2)`

/** Resolves when the signal fires. Rejects with the errors of the database, and of `onEvents`. */
export async function followEvents({
  client,
  slot,
  publication,
  signal,
  onEvents,
}: FollowOptions): Promise<void> {
  while (!signal.aborted) {
    const { rows } = await client.query<{ lsn: string; data: Buffer }>(peek, [slot, publication])
    const events = insertsIn(rows.map(({ data }) => data))
    if (events.length > 0) await onEvents(events)
    const last = rows.at(-1)
    if (last !== undefined) await client.query('select pg_replication_slot_advance($1, $2)', [slot, last.lsn])
    else await delay(1_000, undefined, { signal }).catch(() => undefined)
  }
}

/** The rows that were inserted (https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html). */
function insertsIn(messages: readonly Buffer[]): EventColumns[] {
  const columns = new Map<number, string[]>()
  const rows: EventColumns[] = []
  for (const message of messages) {
    const read = reader(message)
    const kind = read.letter()
    if (kind === 'R') {
      const table = read.int32()
      read.text()
      read.text()
      read.letter()
      columns.set(
        table,
        Array.from({ length: read.int16() }, () => read.column()),
      )
    } else if (kind === 'I') {
      const names = columns.get(read.int32()) ?? []
      // "N": a new row follows, and the number of its values.
      read.letter()
      read.int16()
      rows.push(Object.fromEntries(names.map((name) => [name, read.value()])))
    }
  }
  return rows
}

function reader(bytes: Buffer) {
  let at = 0
  const skip = (count: number) => {
    at += count
    return at - count
  }
  const text = () => {
    const end = bytes.indexOf(0, at)
    return bytes.toString('utf8', skip(end + 1 - at), end)
  }
  const letter = () => String.fromCharCode(bytes.readUInt8(skip(1)))
  const int32 = () => bytes.readInt32BE(skip(4))
  return {
    text,
    letter,
    int32,
    int16: () => bytes.readInt16BE(skip(2)),
    /** The name of a column; its flags and type are passed over. */
    column() {
      skip(1)
      const name = text()
      skip(8)
      return name
    },
    value() {
      if (letter() !== 't') return null
      const length = int32()
      return bytes.toString('utf8', skip(length), at)
    },
  }
}

if (import.meta.main) {
  const [connectionString = '', slot = ''] = process.argv.slice(2)
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) once(process, signal).then(() => stopping.abort())
  const client = new pg.Client({ connectionString })
  await client.connect()
  await followEvents({
    client,
    slot,
    publication: 'kompressor_events',
    signal: stopping.signal,
    onEvents: async (events) => {
      for (const event of events) process.stdout.write(`${JSON.stringify(event)}\n`)
    },
  })
  await client.end()
}
