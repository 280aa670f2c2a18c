import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { z } from 'zod'
import { type ChunkObject, chunkObjectSchema } from '../messages/index.ts'

const packedSchema = z.array(z.tuple([z.string(), z.int(), z.string()]).rest(z.string()))

/** The objects of a chunk as its task's column holds them: about 45 bytes each when keys and ETags are random. */
export function packObjects(objects: readonly ChunkObject[]): Buffer {
  return zstdCompressSync(
    JSON.stringify(
      objects.map(({ key, size, etag, path }) => [key, size, etag, ...(path === undefined ? [] : [path])]),
    ),
  )
}

export function unpackObjects(packed: Uint8Array): ChunkObject[] {
  const rows = packedSchema.parse(JSON.parse(zstdDecompressSync(packed).toString()))
  return rows.map(([key, size, etag, path]) => chunkObjectSchema.parse({ key, size, etag, path }))
}
