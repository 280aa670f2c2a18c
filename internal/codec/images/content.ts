import type { Raster } from './raster.ts'

/** What the pixels show, as far as the choice of coding depends on it. */
export interface Content {
  /** Flat areas and few colours (diagrams, screenshots, text), where lossless coding is smaller and looks better. */
  graphic: boolean
  /** No pixel lets anything through, whether or not there is an alpha channel. */
  opaque: boolean
  /** Distinct colours, counted up to 257. */
  colours: number
  /** Red, green and blue are equal everywhere. */
  grey: boolean
}

/** Share of pixels equal to their left neighbour above which an image counts as graphic; photographs have noise. */
const flatShare = 0.6
const paletteSize = 256

export function examineContent(raster: Raster): Content {
  const colours = countColours(raster)
  return {
    graphic: colours <= paletteSize || shareOfFlat(raster) > flatShare,
    opaque: isOpaque(raster),
    colours,
    grey: isGrey(raster),
  }
}

/** Stops at the first colour too many, which in a photograph comes within its first rows. */
function countColours({ data, channels }: Raster): number {
  const seen = new Set<number>()
  for (let i = 0; i < data.length && seen.size <= paletteSize; i += channels) {
    const colour =
      channels === 1
        ? (data[i] ?? 0)
        : (data[i] ?? 0) | ((data[i + 1] ?? 0) << 8) | ((data[i + 2] ?? 0) << 16) | ((data[i + 3] ?? 0) << 24)
    seen.add(channels === 3 ? colour & 0xffffff : colour)
  }
  return seen.size
}

/** Over at most 256 rows: enough to tell, and a fraction of a millisecond. */
function shareOfFlat({ data, width, height, channels }: Raster): number {
  const step = Math.max(1, Math.floor(height / 256))
  // Soft edges of a flat drawing vary in alpha alone.
  const colourChannels = Math.min(channels, 3)
  let flat = 0
  let pairs = 0
  for (let y = 0; y < height; y += step) {
    for (let i = y * width * channels + channels; i < (y + 1) * width * channels; i += channels) {
      pairs++
      let equal = true
      for (let c = 0; c < colourChannels && equal; c++) equal = data[i + c] === data[i + c - channels]
      if (equal) flat++
    }
  }
  return pairs === 0 ? 1 : flat / pairs
}

function isOpaque({ data, channels }: Raster): boolean {
  if (channels !== 4) return true
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false
  return true
}

function isGrey({ data, channels }: Raster): boolean {
  if (channels === 1) return true
  for (let i = 0; i < data.length; i += channels) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false
  }
  return true
}
