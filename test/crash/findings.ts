import { createHash } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'
import sharp from 'sharp'
import type { ApiFile } from './client.ts'
import type { Aftermath } from './scenario.ts'
import { wantedKeys } from './wanted-keys.ts'

const terminal = new Set(['file.completed', 'file.failed', 'file.cancelled'])

/** Everything that should not be, in words. Empty when nothing was lost, repeated, broken or left behind. */
export async function findings(aftermath: Aftermath): Promise<string[]> {
  return [...lost(aftermath), ...gaps(aftermath), ...(await damaged(aftermath)), ...leftBehind(aftermath)]
}

function lost({ ledger, files, events, inputs }: Aftermath): string[] {
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

function gaps({ events }: Aftermath): string[] {
  return events.flatMap((event, index) =>
    event.seq === index + 1 ? [] : [`event ${index + 1} of the stream has number ${event.seq}`],
  )
}

async function damaged({ files, contents, inputs }: Aftermath): Promise<string[]> {
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

async function decodes(file: ApiFile, content: Buffer, inputs: Aftermath['inputs']): Promise<boolean> {
  const input = inputs.get(file.name)
  if (input?.kind === 'data') return sha256(zstdDecompressSync(content)) === input.sha256
  const { info } = await sharp(content).raw().toBuffer({ resolveWithObject: true })
  return info.width === 640 && info.height === 480
}

function leftBehind({ files, keys, blobs, scratch }: Aftermath): string[] {
  const wanted = wantedKeys(files)
  const present = new Set(keys)
  const found = keys.filter((key) => !wanted.has(key)).map((key) => `${key} belongs to no file`)
  for (const key of wanted) if (!present.has(key)) found.push(`${key} is missing`)
  if (blobs !== keys.length) found.push(`there are ${blobs} contents for ${keys.length} objects`)
  if (scratch > 0) found.push(`${scratch} files are left in the scratch folder`)
  return found
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
