// Written by `node bench/quality/fit.ts --write`: fit again when sharp or libvips change, do not edit.
import type { Coefficients, QualityCodec, TypicalCurve } from './types.ts'

/** Fitted by bench/quality/fit.ts to the probes of each codec and the true score of its whole image. */
export const probeCoefficients: Record<QualityCodec, Coefficients> = {
  mozjpeg: {
    weights: [26.239, 604.82, 12.952, 355.04, 105.03, 368.73, 20.157, 22.659, 493.74],
    constant: 0.5317,
  },
  jpeg: {
    weights: [49.172, 375.32, 18.93, 129.14, 121.44, 197.02, 15.233, 18.495, 874.1],
    constant: 0.6243,
  },
  webp: {
    weights: [32.364, 488.76, 184.54, 406.36, 77.096, 460.16, 18.923, 2.969, 660.62],
    constant: 0.033,
  },
  avif: { weights: [24.462, 382.99, 24.839, 17.722, 113.53, 0, 22.563, 12.577, 1399], constant: 0.5319 },
}

/** The same for finished outputs, which are compared as they are. */
export const outputCoefficients: Record<QualityCodec | 'any', Coefficients> = {
  ...probeCoefficients,
  any: probeCoefficients.mozjpeg,
}

/**
 * Every codec's curve has the same shape on all photographs, moved up or down: knowing it, one probe tells where the
 * target is. Averages over the corpus, written by bench/quality/fit.ts.
 */
export const typicalCurves: Record<QualityCodec, TypicalCurve> = {
  mozjpeg: {
    qualities: [
      26, 30, 34, 38, 42, 46, 50, 53, 56, 59, 62, 65, 68, 71, 74, 77, 80, 82, 84, 86, 88, 90, 92, 93, 94, 95,
      96, 97, 98, 99,
    ],
    logDistances: [
      2.97, 2.807, 2.662, 2.518, 2.414, 2.304, 2.23, 2.168, 2.107, 2.032, 1.96, 1.862, 1.759, 1.658, 1.502,
      1.417, 1.296, 1.232, 1.074, 0.92, 0.779, 0.439, 0.275, 0.152, 0.047, -0.042, -0.31, -0.476, -0.618,
      -0.787,
    ],
  },
  jpeg: {
    qualities: [
      26, 30, 34, 38, 42, 46, 50, 53, 56, 59, 62, 65, 68, 71, 74, 77, 80, 82, 84, 86, 88, 90, 92, 93, 94, 95,
      96, 97, 98, 99,
    ],
    logDistances: [
      2.97, 2.807, 2.662, 2.518, 2.414, 2.304, 2.23, 2.168, 2.107, 2.032, 1.96, 1.862, 1.759, 1.658, 1.502,
      1.417, 1.296, 1.232, 1.074, 0.92, 0.779, 0.439, 0.275, 0.152, 0.047, -0.042, -0.31, -0.476, -0.618,
      -0.787,
    ],
  },
  webp: {
    qualities: [
      26, 30, 34, 38, 42, 46, 50, 53, 56, 59, 62, 65, 68, 71, 74, 77, 80, 82, 84, 86, 88, 90, 92, 93, 94, 95,
      96, 97, 98, 99,
    ],
    logDistances: [
      2.731, 2.646, 2.548, 2.469, 2.404, 2.327, 2.245, 2.191, 2.14, 2.085, 2.035, 1.99, 1.94, 1.886, 1.828,
      1.714, 1.569, 1.455, 1.322, 1.196, 1.049, 0.903, 0.766, 0.668, 0.568, 0.442, 0.337, 0.238, 0.108, 0.029,
    ],
  },
  avif: {
    qualities: [
      26, 30, 34, 38, 42, 46, 50, 53, 56, 59, 62, 65, 68, 71, 74, 77, 80, 82, 84, 86, 88, 90, 92, 93, 94, 95,
      96, 97, 98, 99,
    ],
    logDistances: [
      3.496, 3.29, 3.105, 2.905, 2.636, 2.38, 2.098, 2.016, 1.788, 1.655, 1.546, 1.438, 1.201, 1.112, 1.011,
      0.903, 0.715, 0.654, 0.498, 0.42, 0.178, 0.09, -0.131, -0.131, -0.16, -0.273, -0.367, -0.367, -0.477,
      -0.537,
    ],
  },
}
