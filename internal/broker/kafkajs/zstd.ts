import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { createZstdDecompress, zstdCompress } from 'node:zlib'
import kafkajs from 'kafkajs'
import { KompressorError } from '../../errors/index.ts'

const compress = promisify(zstdCompress)

/** kafkajs knows the name of zstd and brings no code for it: Node does. A registry of kafkajs, so once a process. */
export function registerZstd(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    // Told the size, zstd makes its tables no larger than that asks for. Those for a stream of any length count as V8's to
    // collect, which then does so again and again.
    compress: (encoder: { buffer: Buffer }) =>
      compress(encoder.buffer, { pledgedSrcSize: encoder.buffer.length }),
    decompress,
  })
}

/** Others' producers may write several frames, and Node stops after the first one (node#64741). */
async function decompress(bytes: Buffer): Promise<Buffer> {
  const frames: Buffer[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const frame = createZstdDecompress()
    frames.push(await buffer(Readable.from([rest]).pipe(frame)))
    if (frame.bytesWritten === 0) {
      throw new KompressorError('broker_unavailable', 'a batch in the topic is not the zstd it says it is')
    }
    rest = rest.subarray(frame.bytesWritten)
  }
  return Buffer.concat(frames)
}
