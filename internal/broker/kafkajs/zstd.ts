import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { createZstdDecompress, zstdCompress } from 'node:zlib'
import kafkajs from 'kafkajs'

const compress = promisify(zstdCompress)

/** kafkajs knows the name of zstd and brings no code for it: Node does. A registry of kafkajs, so once a process. */
export function registerZstd(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { buffer: Buffer }) => compress(encoder.buffer),
    // As a stream: in one piece Node returns the first of several frames alone, and others' producers may write several.
    decompress: (bytes: Buffer) => buffer(Readable.from([bytes]).pipe(createZstdDecompress())),
  })
}
