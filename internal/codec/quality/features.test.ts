import { describe, expect, it } from 'vitest'
import { compareFeatures, featureNames, featureReference } from './features.ts'
import { outputCoefficients, probeCoefficients } from './fitted.ts'
import { distanceOf, scoreAt } from './model.ts'
import { noise } from './testing.ts'
import type { Coefficients } from './types.ts'

const size = 128
const image = noise(size, size, 1)
const reference = featureReference(image.data, size, size, 64)
const named = (mosaic: Uint8Array) =>
  Object.fromEntries(featureNames.map((name, i) => [name, compareFeatures(reference, mosaic)[i] ?? 0]))

/** Every pixel replaced by the mean of its 3 x 3 neighbours: detail lost. */
function blurred(data: Uint8Array): Uint8Array {
  return data.map((_, i) => {
    let sum = 0
    for (const dy of [-1, 0, 1]) {
      for (const dx of [-1, 0, 1]) {
        const at = i + (dy * size + dx) * 3
        sum += data[at < 0 || at >= data.length ? i : at] ?? 0
      }
    }
    return sum / 9
  })
}

/** Checkerboard on top: detail added. */
function roughened(data: Uint8Array): Uint8Array {
  return data.map((value, i) => {
    const pixel = Math.floor(i / 3)
    return Math.min(255, Math.max(0, value + (((pixel % size) + Math.floor(pixel / size)) % 2 ? 60 : -60)))
  })
}

describe('compareFeatures', () => {
  it('is exactly 0 for equal images, again and again', () => {
    for (let i = 0; i < 3; i++) expect(compareFeatures(reference, image.data)).toEqual(new Float64Array(9))
  })

  it('sees lost detail as blur and added detail as ringing', () => {
    const blur = named(blurred(image.data))
    const rough = named(roughened(image.data))
    expect(blur.y0blur1).toBeGreaterThan(10 * (blur.y0ring4 ?? 0))
    expect(rough.y0ring4).toBeGreaterThan(0.01)
    expect(rough.y0ring4).toBeGreaterThan(5 * (rough.y0blur1 ?? 0))
  })

  it('sees lost colour where luma is untouched', () => {
    const swapped = image.data.map((value, i) => (i % 3 === 2 ? 255 - value : value))
    const features = named(swapped)
    expect(features.b3ssim4).toBeGreaterThan(5 * (features.y0ssim4 ?? 0))
  })

  it('equals the formula on a plane small enough to work out by hand', () => {
    // One 64-pixel tile, black against white in the left half: the far right windows are equal, the left ones are not.
    const black = new Uint8Array(64 * 64 * 3)
    const half = black.map((_, i) => (Math.floor(i / 3) % 64 < 32 ? 255 : 0))
    const features = compareFeatures(featureReference(black, 64, 64, 64), half)
    // Windows wholly inside the white half: variance 0, a = 0, b = cbrt(1 + bias) - cbrt(bias): 1 - SSIM = b squared.
    const b = Math.cbrt(1 + 0.00379307) - Math.cbrt(0.00379307)
    const y2ssim1 = features[1] ?? 0
    // 6 of 16 columns of scale 2 hold 3 of the 6 window positions; 2 straddle the edge (the first window ends at 6).
    expect(y2ssim1).toBeGreaterThan((2 / 6) * b * b)
    expect(y2ssim1).toBeLessThan(1)
  })
})

const scoreOf = (features: Float64Array, coefficients: Coefficients) =>
  scoreAt(distanceOf(features, coefficients))

describe('the model', () => {
  it('is 100 without differences, falls with every feature, and never leaves 0-100', () => {
    for (const coefficients of [...Object.values(probeCoefficients), ...Object.values(outputCoefficients)]) {
      expect(scoreOf(new Float64Array(9), coefficients)).toBe(100)
      const base = new Float64Array(9).fill(0.001)
      for (let i = 0; i < 9; i++) {
        const worse = base.slice()
        worse[i] = 0.01
        expect(scoreOf(worse, coefficients)).toBeLessThanOrEqual(scoreOf(base, coefficients))
      }
      expect(scoreOf(new Float64Array(9).fill(1), coefficients)).toBe(0)
    }
  })
})
