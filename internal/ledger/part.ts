import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { KompressorError } from '../errors/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { type LedgerLine, ledgerLineSchema } from './line.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Far more than 64 lines come to. Bounds what a foreign file among the parts can do. */
const maxPartBytes = 16 * 1024 ** 2

/** The lines of a part, or undefined when there is none. Throws corrupt_input when it is not what a worker writes. */
export async function readPart(
  objects: Pick<ObjectStore, 'get'>,
  key: string,
  signal?: AbortSignal,
): Promise<LedgerLine[] | undefined> {
  try {
    const { body } = await objects.get(key, signal && { signal })
    return await parsePart(key, await collect(body))
  } catch (error) {
    if (error instanceof KompressorError && error.code === 'object_not_found') return undefined
    throw error
  }
}

/**
 * Writes a part once. When another worker did the same attempt and was first, its lines are the truth: they are
 * returned instead of those given.
 */
export async function writePart(
  objects: ObjectStore,
  key: string,
  lines: readonly LedgerLine[],
  signal?: AbortSignal,
): Promise<readonly LedgerLine[]> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const packed = await compress(text)
  try {
    await objects.put(key, Readable.from([packed]), {
      attributes: { contentType: 'application/zstd' },
      ifAbsent: true,
      size: packed.length,
      ...(signal && { signal }),
    })
    return lines
  } catch (error) {
    if (!(error instanceof KompressorError) || error.code !== 'object_exists') throw error
    return (await readPart(objects, key, signal)) ?? lines
  }
}

async function parsePart(key: string, packed: Buffer): Promise<LedgerLine[]> {
  try {
    const text = await decompress(packed, { maxOutputLength: maxPartBytes })
    return text
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ledgerLineSchema.parse(JSON.parse(line)))
  } catch (error) {
    throw new KompressorError('corrupt_input', `${key} is not a part of a ledger`, { cause: error })
  }
}

async function collect(body: Readable): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body) {
    const bytes = Buffer.from(piece)
    size += bytes.length
    if (size > maxPartBytes)
      throw new KompressorError('corrupt_input', 'the object is too large to be a part of a ledger')
    pieces.push(bytes)
  }
  return Buffer.concat(pieces)
}
