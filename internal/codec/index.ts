export { compressFile } from './compress-file.ts'
export { type Detected, detect, type ImageFormatName } from './detect/index.ts'
export { engineVersion, type InputVersion, identityHasher } from './identity.ts'
export { initImages } from './images/index.ts'
export { type Inspection, type InspectOptions, inspectFile } from './inspect.ts'
export { isJunkName } from './junk.ts'
export {
  type CompressionOptions,
  type CompressionOptionsInput,
  compressionOptionsSchema,
  type DataOptions,
  dataOptionsSchema,
  defaultOptions,
  type ImageOptions,
  imageOptionsSchema,
} from './options.ts'
export { likelyNames } from './output-names.ts'
export {
  type CompressCallOptions,
  type Compressor,
  type CompressorOptions,
  createCompressor,
  type PoolStats,
} from './pool/index.ts'
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
export { guessType, predictUploadCost } from './upload-cost.ts'
