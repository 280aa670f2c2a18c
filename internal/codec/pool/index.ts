export type { CompressorOptions, LogLevel, StartReason } from './options.ts'
export { createCompressor } from './pool.ts'
export type { CompressCallOptions, Compressor, PoolStats } from './port.ts'
