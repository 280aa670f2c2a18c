import type { Transform } from 'node:stream'
import {
  createBrotliCompress,
  createBrotliDecompress,
  createGunzip,
  createGzip,
  createZstdCompress,
  createZstdDecompress,
  constants as zlib,
} from 'node:zlib'
import type { DataOptions } from '../options.ts'
import { dataLevels } from './levels.ts'

/** One way to compress data: how its outputs are named and how its streams are made. */
export interface DataCodec {
  name: keyof typeof dataLevels
  /** Appended to the name of the input, with its dot. */
  extension: string
  /** Media type of the compressed bytes. */
  type: string
  /** The value of Content-Encoding. */
  encoding: 'zstd' | 'br' | 'gzip'
  /** @param size bytes that will be written, exactly; zstd records it and refuses any other number. */
  compressor(level: number, size: number): Transform
  decompressor(): Transform
}

/**
 * Bytes a zlib stream hands over at once. Each is a round trip through the thread pool: the default of 16 KiB costs a
 * third of the throughput of zstd 3, and more than 256 KiB gains nothing.
 */
const chunkSize = 256 * 1024

const zstd: DataCodec = {
  name: 'Zstd',
  extension: '.zst',
  type: 'application/zstd',
  encoding: 'zstd',
  compressor: (level, size) =>
    createZstdCompress({
      chunkSize,
      pledgedSrcSize: size,
      params: {
        [zlib.ZSTD_c_compressionLevel]: level,
        [zlib.ZSTD_c_checksumFlag]: 1,
        // One thread: with workers the bytes would depend on how the input happened to be cut.
        [zlib.ZSTD_c_nbWorkers]: 0,
      },
    }),
  decompressor: () => createZstdDecompress({ chunkSize }),
}

const brotli: DataCodec = {
  name: 'Brotli',
  extension: '.br',
  type: 'application/x-brotli',
  encoding: 'br',
  compressor: (level, size) =>
    createBrotliCompress({
      chunkSize,
      params: {
        [zlib.BROTLI_PARAM_QUALITY]: level,
        // A hint of 32 bits: it only has to say "large".
        [zlib.BROTLI_PARAM_SIZE_HINT]: Math.min(size, 2 ** 30),
      },
    }),
  decompressor: () => createBrotliDecompress({ chunkSize }),
}

const gzip: DataCodec = {
  name: 'Gzip',
  extension: '.gz',
  type: 'application/gzip',
  encoding: 'gzip',
  // zlib writes neither a name nor a time (mtime 0) unless told to, so the bytes depend on the input alone.
  compressor: (level) => createGzip({ chunkSize, level }),
  decompressor: () => createGunzip({ chunkSize }),
}

const codecs = { Auto: zstd, Zstd: zstd, Brotli: brotli, Gzip: gzip } as const

/** The codec the options ask for, and its level: the one given, or the codec's default. */
export function chooseDataCodec(options: DataOptions): { codec: DataCodec; level: number } {
  const codec = codecs[options.codec]
  return { codec, level: options.level ?? dataLevels[codec.name].default }
}
