import { KompressorError } from '../../errors/index.ts'
import { roundTrip } from './encoders.ts'
import { compareFeatures, featureReference } from './features.ts'
import { probeCoefficients } from './fitted.ts'
import { distanceOf, scoreAt } from './model.ts'
import { copyTiles, planTiles, restoreFrames } from './tiles.ts'
import type { RgbPixels, SampleRequest } from './types.ts'

/**
 * What is cut from an image: 48 tiles of 64 x 64 pixels, 0.2 MP. Many small tiles say more about a photograph than few
 * large ones, and 8 x 6 of them make a mosaic above 480 lines, where AVIF's encoder decides as it does for photographs.
 */
const tileSize = 64
const tileLimit = 48

/** Pixels along a tile's edges that its neighbours in the mosaic bleed into. */
const border = 4

/**
 * Sample tiles of one image for one codec, with everything that does not depend on the quality already computed.
 * Holds about 8 MB; forget it when the image is done.
 */
export interface QualitySample {
  /**
   * Predicted score, 0-100, of the whole image encoded at `quality`, 1-100, whole. Encodes the tiles, once for each
   * quality. Rejects with the encoder's error.
   */
  predict(quality: number): Promise<number>
  /** The same as a distance, which keeps its meaning where the score ends at 0 or 100 (see `scoreAt`). */
  distance(quality: number): Promise<number>
  /** What the distance is predicted from, in the order of `featureNames`; the model is fitted to these. */
  features(quality: number): Promise<Float64Array>
  /** Distinct qualities encoded so far. */
  readonly probes: number
}

/** Cuts the tiles. Throws `internal` when the pixel buffer does not have the size it claims. */
export function openSample({ pixels, codec, chroma = '4:2:0' }: SampleRequest): QualitySample {
  assertPixels(pixels)
  const grid = planTiles(pixels.width, pixels.height, tileSize, tileLimit)
  const width = grid.columns * tileSize
  const height = grid.rows * tileSize
  const tiles = copyTiles(pixels, grid)
  const reference = featureReference(tiles, width, height, tileSize)
  const known = new Map<number, Promise<Float64Array>>()

  async function probe(quality: number): Promise<Float64Array> {
    const decoded = await roundTrip({ data: tiles, width, height }, codec, quality, chroma)
    restoreFrames(decoded, tiles, grid, border)
    return compareFeatures(reference, decoded)
  }

  function features(quality: number): Promise<Float64Array> {
    const result = known.get(quality) ?? probe(quality)
    known.set(quality, result)
    return result
  }

  async function distance(quality: number): Promise<number> {
    return distanceOf(await features(quality), probeCoefficients[codec])
  }

  return {
    features,
    async predict(quality) {
      return scoreAt(await distance(quality))
    },
    distance,
    get probes() {
      return known.size
    },
  }
}

/** A wrong size is our own mistake, and reading on would compare noise. */
export function assertPixels({ data, width, height }: RgbPixels): void {
  if (width < 1 || height < 1 || data.length !== width * height * 3) {
    throw new KompressorError(
      'internal',
      `expected ${width} x ${height} RGB pixels, got ${data.length} bytes; decode to three 8-bit channels first`,
    )
  }
}
