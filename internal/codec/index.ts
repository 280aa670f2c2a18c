export {
  type CompressionOptions,
  type CompressionOptionsInput,
  compressionOptionsSchema,
  type DataOptions,
  defaultOptions,
  type ImageOptions,
} from './options.ts'
export type { CompressCallOptions, Compressor, PoolStats } from './pool/port.ts'
export { type CodecLimits, type CompressRequest, defaultLimits } from './request.ts'
export {
  type Compressed,
  compressionResultSchema,
  type InputInfo,
  inputInfoSchema,
  type LocalOutput,
  type Outcome,
  type OutputInfo,
  outcomes,
  outputSchema,
  type Reason,
  reasons,
} from './result.ts'
