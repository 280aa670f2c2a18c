/** An image as sharp's `.raw()` gives it: 8-bit sRGB, three interleaved channels, no alpha, no row padding. */
export interface RgbPixels {
  data: Uint8Array
  width: number
  height: number
}

/**
 * The encoders whose result is predicted, with the settings the model was fitted to (see `finalEncoders`):
 * `mozjpeg` all of mozjpeg, `jpeg` libjpeg with quantisation table 3, `webp` effort 4, `avif` effort 0.
 */
export type QualityCodec = 'mozjpeg' | 'jpeg' | 'webp' | 'avif'

/** Colour resolution of a JPEG. WebP is always 4:2:0, AVIF 4:4:4 here. */
export type Chroma = '4:2:0' | '4:4:4'

/** What is sampled: an image, and the encoder it is meant for. */
export interface SampleRequest {
  pixels: RgbPixels
  codec: QualityCodec
  /** JPEG only; 4:2:0 when absent. */
  chroma?: Chroma
}

export interface FindQualityRequest extends SampleRequest {
  /** The score to reach, 0-100 on the SSIMULACRA2 scale; 30-95 is useful. */
  target: number
}

export interface PredictScoreRequest extends SampleRequest {
  /** The codec's own quality number, 1-100. */
  quality: number
}

export interface MeasureScoreRequest {
  reference: RgbPixels
  /** The finished output, decoded; as large as the reference. */
  candidate: RgbPixels
  /** What encoded the candidate, if known: the estimate is a little better for it. */
  codec?: QualityCodec
}

export interface FoundQuality {
  /** Whole number, 1-100, at most the cap of this codec and target. */
  quality: number
  /** Predicted SSIMULACRA2 score of the whole image at `quality`. */
  score: number
  /** The target is not reached even at the cap: try 4:4:4 or lossless, or accept the lower score. */
  saturated: boolean
  /** Encodes of the sample tiles it took. */
  probes: number
}

/** Weights in the order of `featureNames`, and the distance that even the best of the fitted encodes keep. */
export interface Coefficients {
  weights: readonly number[]
  constant: number
}

/** Score of the average photograph at the quality `lowest` and every one after it, rising. */
export interface TypicalCurve {
  lowest: number
  scores: readonly number[]
}
