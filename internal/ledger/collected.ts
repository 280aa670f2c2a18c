import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { KompressorError } from '../errors/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { type LedgerLine, ledgerLineSchema } from './line.ts'
import { readPart } from './part.ts'
import { partAttempt } from './paths.ts'

/** The whole ledger of a job: the last line about each source, in the order of their keys' bytes. */
export interface CollectedLedger {
  lines(): Generator<LedgerLine>
  close(): Promise<void>
}

export interface CollectOptions {
  /** Ledger prefix in the output bucket. */
  prefix: string
  /** Existing folder on a local disk: the ledger of a million objects takes about 1 GB there while it is collected. */
  scratchDir: string
  signal?: AbortSignal
}

/** Parts that are read at the same time. */
const readAhead = 8

/**
 * Brings the parts of a ledger together: sorted on disk, so that memory does not depend on how many there are. Throws
 * corrupt_input when something among the parts is none.
 */
export async function collectLedger(objects: ObjectStore, options: CollectOptions): Promise<CollectedLedger> {
  const folder = await mkdtemp(join(options.scratchDir, 'ledger-'))
  const database = new DatabaseSync(join(folder, 'lines'))
  const close = async () => {
    database.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    // Nothing here needs to survive anything.
    database.exec(`pragma journal_mode = off; pragma synchronous = off;
      create table lines (key blob primary key, attempt integer not null, line text not null) without rowid`)
    await insertParts(objects, options, database)
  } catch (error) {
    await close()
    throw error
  }
  return { lines: () => linesOf(database), close }
}

async function insertParts(
  objects: ObjectStore,
  { prefix, signal }: CollectOptions,
  database: DatabaseSync,
): Promise<void> {
  const insert = database.prepare(`insert into lines values (?, ?, ?) on conflict (key) do update
    set attempt = excluded.attempt, line = excluded.line where excluded.attempt >= attempt`)
  let startAfter: string | undefined
  do {
    signal?.throwIfAborted()
    const { items, next } = await objects.list({ prefix, ...(startAfter !== undefined && { startAfter }) })
    const keys = items.map(({ key }) => key).filter((key) => partAttempt(key) !== undefined)
    for (let from = 0; from < keys.length; from += readAhead) {
      const some = keys.slice(from, from + readAhead)
      const parts = await Promise.all(some.map((key) => readPart(objects, key, signal)))
      database.exec('begin')
      for (const [index, part] of parts.entries()) {
        const attempt = partAttempt(some[index] ?? '') ?? 0
        for (const line of part ?? []) insert.run(idOf(line), attempt, JSON.stringify(line))
      }
      database.exec('commit')
    }
    startAfter = next
  } while (startAfter !== undefined)
}

/** In the order of keys: NUL comes before whatever else may follow a key. */
function idOf({ source: { key, path } }: LedgerLine): Buffer {
  return Buffer.from(path === undefined ? key : `${key}\0${path}`)
}

function* linesOf(database: DatabaseSync): Generator<LedgerLine> {
  for (const row of database.prepare('select line from lines order by key').iterate()) {
    if (typeof row.line !== 'string')
      throw new KompressorError('internal', 'the collected ledger has a row without a line')
    yield ledgerLineSchema.parse(JSON.parse(row.line))
  }
}
