export { finalEncoders } from './encoders.ts'
export { featureNames } from './features.ts'
export { measureFeatures, measureScore } from './measure.ts'
export { openSample, type QualitySample } from './sample.ts'
export { findQuality, predictScore, qualityCap, searchSample } from './search.ts'
export type {
  Chroma,
  FindQualityRequest,
  FoundQuality,
  MeasureScoreRequest,
  PredictScoreRequest,
  QualityCodec,
  RgbPixels,
  SampleRequest,
} from './types.ts'
