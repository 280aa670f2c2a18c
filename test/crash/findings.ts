import { createHash } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'
import sharp from 'sharp'
import type { ApiEvent, ApiFile } from './client.ts'
import type { Input } from './inputs.ts'
import type { LedgerEntry } from './ledger.ts'
import { wantedKeys } from './wanted-keys.ts'

const terminal = new Set(['file.completed', 'file.failed', 'file.cancelled'])

/** What a client knows and sees when everything has ended. */
export interface Books {
  inputs: ReadonlyMap<string, Input>
  /** What the client was told is accepted. */
  ledger: LedgerEntry[]
  files: ApiFile[]
  /** Bytes of each completed file's output, by file id. */
  contents: ReadonlyMap<string, Buffer>
  events: ApiEvent[]
  /** Keys in the object store at the end. */
  keys: string[]
}

/** Everything that should not be, in words. Empty when nothing was lost, repeated, broken or left behind. */
export async function findings(books: Books): Promise<string[]> {
  return [...lost(books), ...gaps(books), ...(await damaged(books)), ...leftBehind(books)]
}

function lost({ ledger, files, events, inputs }: Books): string[] {
  const byId = new Map(files.map((file) => [file.id, file]))
  const ends = Map.groupBy(
    events.filter((e) => terminal.has(e.type)),
    (e) => e.fileId,
  )
  const found: string[] = []
  for (const { fileId, name } of ledger) {
    const file = byId.get(fileId)
    const count = ends.get(fileId)?.length ?? 0
    const expected = inputs.get(name)?.kind === 'broken' ? 'failed' : 'completed'
    if (file === undefined) found.push(`${name} was accepted and is gone`)
    else if (file.state !== expected) {
      const cause = file.error ? ` (${file.error.code})` : ''
      found.push(`${name} is ${file.state}${cause} and should be ${expected}`)
    }
    if (count !== 1) found.push(`${name} ended ${count} times`)
  }
  if (new Set(ledger.map((entry) => entry.name)).size !== inputs.size)
    found.push('not every input was accepted')
  if (files.length !== inputs.size) found.push(`there are ${files.length} files for ${inputs.size} inputs`)
  return found
}

function gaps({ events }: Books): string[] {
  return events.flatMap((event, index) =>
    event.seq === index + 1 ? [] : [`event ${index + 1} of the stream has number ${event.seq}`],
  )
}

async function damaged({ files, contents, inputs }: Books): Promise<string[]> {
  const found: string[] = []
  for (const file of files.filter((f) => f.state === 'completed')) {
    const content = contents.get(file.id) ?? Buffer.alloc(0)
    const expected = file.result?.outputs[0]?.sha256
    if (sha256(content) !== expected)
      found.push(`the output of ${file.name} has another checksum than recorded`)
    else if (!(await decodes(file, content, inputs))) found.push(`the output of ${file.name} does not decode`)
  }
  return found
}

async function decodes(file: ApiFile, content: Buffer, inputs: Books['inputs']): Promise<boolean> {
  const input = inputs.get(file.name)
  if (input?.kind === 'data') return sha256(zstdDecompressSync(content)) === input.sha256
  const { info } = await sharp(content).raw().toBuffer({ resolveWithObject: true })
  return info.width === input?.width && info.height === input?.height
}

function leftBehind({ files, keys }: Books): string[] {
  const wanted = wantedKeys(files)
  const present = new Set(keys)
  const found = keys.filter((key) => !wanted.has(key)).map((key) => `${key} belongs to no file`)
  for (const key of wanted) if (!present.has(key)) found.push(`${key} is missing`)
  return found
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
