import type { FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { constants as zlib, zstdCompress } from 'node:zlib'

const compress = promisify(zstdCompress)

export const windowBytes = 64 * 1024

/** Below this ratio of input to output the file is left alone: what is left to gain is not worth its CPU. */
export const minSampleRatio = 1.1

/**
 * Files smaller than this are not sampled: the frame's own few bytes would decide, and compressing the whole costs
 * less than a millisecond.
 */
export const minSampledBytes = 4096

/** Where the three windows of a file begin: start, middle and end. A file that fits in them is one window. */
export function sampleWindows(size: number): { start: number; length: number }[] {
  if (size <= 3 * windowBytes) return [{ start: 0, length: size }]
  const last = size - windowBytes
  return [0, Math.floor(last / 2), last].map((start) => ({ start, length: windowBytes }))
}

/** Input bytes over output bytes of the samples under zstd 1: what any codec here will at least about reach. */
export async function sampleRatio(file: FileHandle, size: number): Promise<number> {
  let bytesIn = 0
  let bytesOut = 0
  for (const { start, length } of sampleWindows(size)) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start)
    const packed = await compress(buffer.subarray(0, bytesRead), {
      params: { [zlib.ZSTD_c_compressionLevel]: 1 },
    })
    bytesIn += bytesRead
    bytesOut += packed.length
  }
  return bytesOut === 0 ? 1 : bytesIn / bytesOut
}
