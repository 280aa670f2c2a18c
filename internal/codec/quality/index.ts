export { finalEncoders } from './encoders.ts'
export { featureNames } from './features.ts'
export { outputCoefficients, probeCoefficients, typicalCurves } from './fitted.ts'
export { measureFeatures, measureScore } from './measure.ts'
export { distanceAt, distanceOf, scoreAt } from './model.ts'
export { openSample, type QualitySample } from './sample.ts'
export { findQuality, predictScore, qualityCap, searchSample } from './search.ts'
export type {
  Chroma,
  Coefficients,
  FindQualityRequest,
  FoundQuality,
  MeasureScoreRequest,
  PredictScoreRequest,
  QualityCodec,
  RgbPixels,
  SampleRequest,
  TypicalCurve,
} from './types.ts'
