import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import { z } from 'zod'
import { outcomes } from '../codec/index.ts'
import { KompressorError } from '../errors/index.ts'
import type { OutputRules, SourceRules } from '../messages/index.ts'
import type { ObjectInfo, ObjectStore } from '../objects/index.ts'
import type { LedgerLine } from './line.ts'
import { afterParts, indexName, notesPrefix } from './paths.ts'

const entrySchema = z.object({
  key: z.string(),
  identity: z.string(),
  outcome: z.enum(outcomes),
  bytesOut: z.number(),
})

type Entry = z.infer<typeof entrySchema>

/** What an index must have been made with to say anything: elsewhere the same work has other outputs. */
export interface Naming {
  source: SourceRules
  output: Pick<OutputRules, 'prefix' | 'keyTemplate'>
}

const headerSchema = z.object({ naming: z.string() })

function nameOf({ source, output }: Naming): string {
  return JSON.stringify([source.bucket, source.prefix, output.prefix, output.keyTemplate])
}

/** Indexes of earlier jobs that are asked: the latest. More would be open files and little news. */
const mostIndexes = 16

/**
 * Writes what a job did as one object, sorted by source key: what a later job over the same source need not do again,
 * at the cost of reading it beside the listing.
 *
 * @param jobPrefix where the job's notes lie, with a slash at its end
 * @param lines in the order of their source keys' bytes
 */
export async function writeIndex(
  objects: ObjectStore,
  jobPrefix: string,
  naming: Naming,
  lines: Iterable<LedgerLine>,
): Promise<void> {
  const text = Readable.from(entries(naming, lines), { objectMode: false })
  const packed = text.pipe(createZstdCompress())
  text.on('error', (error) => packed.destroy(error))
  // The store hears of it when it reads, perhaps later.
  packed.on('error', () => undefined)
  await objects.put(`${jobPrefix}${indexName}`, packed, {
    attributes: { contentType: 'application/zstd' },
  })
}

function* entries(naming: Naming, lines: Iterable<LedgerLine>): Generator<string> {
  yield `${JSON.stringify({ naming: nameOf(naming) })}\n`
  for (const line of lines) {
    if (!('cpuMs' in line) || line.identity === undefined) continue
    // What was in the way may be gone, or may be replaced the next time.
    if (line.reason === 'output_exists') continue
    const { source, identity, outcome, output } = line
    const entry: Entry = { key: source.key, identity, outcome, bytesOut: output?.bytes ?? source.bytes }
    yield `${JSON.stringify(entry)}\n`
  }
}

/** What earlier jobs did, asked in the order of keys. */
export interface DoneIndex {
  /** What an earlier job made of the object with just this identity. */
  find(key: string, identity: string): Promise<Pick<Entry, 'outcome' | 'bytesOut'> | undefined>
  close(): Promise<void>
}

/** Opens the indexes earlier jobs left in an output bucket. They are read as the listing goes on, never held. */
export async function openDoneIndex(objects: ObjectStore, naming: Naming): Promise<DoneIndex> {
  const found: ObjectInfo[] = []
  let startAfter: string | undefined
  do {
    const { items, next } = await objects.list({
      prefix: notesPrefix,
      ...(startAfter !== undefined && { startAfter }),
    })
    found.push(...items.filter(({ key }) => isIndex(key)))
    // A job's notes may have a million parts; its index comes before them.
    startAfter = next === undefined ? undefined : afterParts(next)
  } while (startAfter !== undefined)
  const latest = found
    .sort((a, b) => b.lastModified.getTime() - a.lastModified.getTime())
    .slice(0, mostIndexes)
  const cursors = latest.map(({ key }) => createCursor(objects, key, nameOf(naming)))
  return {
    async find(key, identity) {
      for (const cursor of cursors) {
        const entry = await cursor.seek(key)
        if (entry?.identity === identity) return entry
      }
      return undefined
    },
    async close() {
      await Promise.all(cursors.map((cursor) => cursor.close()))
    },
  }
}

function isIndex(key: string): boolean {
  const [job, name, ...more] = key.slice(notesPrefix.length).split('/')
  return job !== undefined && name === indexName && more.length === 0
}

/** Walks one index, only ever forwards. */
function createCursor(objects: ObjectStore, index: string, naming: string) {
  let lines: AsyncIterator<Entry> | undefined
  let current: Entry | undefined
  let ended = false

  async function advance(): Promise<void> {
    lines ??= entriesOf(objects, index, naming)[Symbol.asyncIterator]()
    const { value, done } = await lines.next()
    ended = done === true
    current = ended ? undefined : value
  }

  return {
    async seek(key: string): Promise<Entry | undefined> {
      const wanted = Buffer.from(key)
      if (current === undefined && !ended) await advance()
      while (current !== undefined && Buffer.compare(Buffer.from(current.key), wanted) < 0) await advance()
      return current?.key === key ? current : undefined
    },
    async close(): Promise<void> {
      await lines?.return?.()
    },
  }
}

async function* entriesOf(objects: ObjectStore, index: string, naming: string): AsyncGenerator<Entry> {
  const { body } = await objects.get(index)
  const text = body.pipe(createZstdDecompress())
  body.on('error', (error) => text.destroy(error))
  let isBehindHeader = false
  try {
    for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (isBehindHeader) yield entrySchema.parse(JSON.parse(line))
      else if (headerSchema.parse(JSON.parse(line)).naming !== naming) return
      isBehindHeader = true
    }
  } catch (cause) {
    throw new KompressorError(
      'corrupt_input',
      `${index} is not an index of a ledger; delete it to go without`,
      { cause },
    )
  } finally {
    body.destroy()
    text.destroy()
  }
}
