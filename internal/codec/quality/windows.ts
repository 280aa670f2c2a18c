/**
 * Windows of up to 6 x 6 pixels (3 x 3 blocks of 2 x 2) that stay inside one tile, two pixels apart. What depends on
 * the reference alone is computed once; comparing a candidate then needs three sums per window.
 */
export interface ReferenceWindows {
  plane: Float32Array
  /** Of the plane, in pixels. */
  width: number
  /** Blocks along the sides of the mosaic, of a tile, and of a window. */
  blockColumns: number
  blockRows: number
  tileBlocks: number
  windowBlocks: number
  count: number
  /** Double precision, as the candidate's are computed: equal planes must differ by exactly 0. */
  mean: Float64Array
  variance: Float64Array
  /** 1 + standard deviation. */
  activity: Float64Array
  scratch: WindowSums
}

interface WindowSums {
  /** Of the candidate, its squares, and its products with the reference: three entries per block. */
  blocks: Float32Array
  /** The same summed over the rows of one row of windows. */
  columns: Float32Array
  /** The same per window, each on its own. */
  sum: Float32Array
  square: Float32Array
  product: Float32Array
}

/** Pooled differences of a candidate plane; 0 where it equals the reference. */
export interface Differences {
  /** Mean of 1 - SSIM, and the fourth root of the mean of its fourth power. */
  ssim1: number
  ssim4: number
  /** Detail added (ringing, blocking; fourth power mean) and lost (blur; mean). 0 unless edges were asked for. */
  ring4: number
  blur1: number
}

/** SSIM's stabilising constant as SSIMULACRA2 sets it. */
const stabiliser = 0.0009

/** `tile` is the tile's side in pixels of this plane, even. The plane is copied. */
export function referenceWindows(
  source: Float32Array,
  width: number,
  height: number,
  tile: number,
): ReferenceWindows {
  const plane = source.slice()
  const blockColumns = width >> 1
  const blockRows = height >> 1
  const tileBlocks = tile >> 1
  const windowBlocks = Math.min(3, tileBlocks)
  const perTile = (tileBlocks - windowBlocks + 1) ** 2
  const count = (blockColumns / tileBlocks) * (blockRows / tileBlocks) * perTile
  const windows: ReferenceWindows = {
    plane,
    width,
    blockColumns,
    blockRows,
    tileBlocks,
    windowBlocks,
    count,
    mean: new Float64Array(count),
    variance: new Float64Array(count),
    activity: new Float64Array(count),
    scratch: {
      blocks: new Float32Array(blockColumns * blockRows * 3),
      columns: new Float32Array(blockColumns * 3),
      sum: new Float32Array(count),
      square: new Float32Array(count),
      product: new Float32Array(count),
    },
  }
  sumBlocks(windows, plane)
  sumWindows(windows)
  const { sum, square } = windows.scratch
  const perPixel = 1 / (2 * windowBlocks) ** 2
  for (let i = 0; i < count; i++) {
    const mean = (sum[i] as number) * perPixel
    const variance = (square[i] as number) * perPixel - mean * mean
    windows.mean[i] = mean
    windows.variance[i] = variance
    windows.activity[i] = 1 + Math.sqrt(Math.max(0, variance))
  }
  return windows
}

/** Compares a plane of the same size as the reference's. `edges` also asks for ring4 and blur1. */
export function comparePlane(
  windows: ReferenceWindows,
  candidate: Float32Array,
  edges: boolean,
): Differences {
  sumBlocks(windows, candidate)
  sumWindows(windows)
  const { ssim1, ssim4 } = poolSsim(windows)
  return edges ? { ssim1, ssim4, ...poolEdges(windows) } : { ssim1, ssim4, ring4: 0, blur1: 0 }
}

function sumBlocks(windows: ReferenceWindows, candidate: Float32Array): void {
  const { plane, width, blockColumns, blockRows } = windows
  const { blocks } = windows.scratch
  let to = 0
  for (let y = 0; y < blockRows; y++) {
    let at = y * 2 * width
    for (let x = 0; x < blockColumns; x++) {
      const below = at + width
      const b0 = candidate[at] as number
      const b1 = candidate[at + 1] as number
      const b2 = candidate[below] as number
      const b3 = candidate[below + 1] as number
      blocks[to] = b0 + b1 + b2 + b3
      blocks[to + 1] = b0 * b0 + b1 * b1 + b2 * b2 + b3 * b3
      blocks[to + 2] =
        b0 * (plane[at] as number) +
        b1 * (plane[at + 1] as number) +
        b2 * (plane[below] as number) +
        b3 * (plane[below + 1] as number)
      at += 2
      to += 3
    }
  }
}

function sumWindows(windows: ReferenceWindows): void {
  const { blockColumns, blockRows, tileBlocks, windowBlocks } = windows
  const { blocks, columns, sum, square, product } = windows.scratch
  const line = blockColumns * 3
  const positions = tileBlocks - windowBlocks + 1
  const reach = windowBlocks * 3
  let to = 0
  for (let tileRow = 0; tileRow < blockRows; tileRow += tileBlocks) {
    for (let row = tileRow; row < tileRow + positions; row++) {
      const first = row * line
      for (let i = 0; i < line; i++) {
        let total = 0
        for (let at = first + i, k = 0; k < windowBlocks; k++, at += line) total += blocks[at] as number
        columns[i] = total
      }
      for (let tile = 0; tile < line; tile += tileBlocks * 3) {
        for (let x = tile; x < tile + positions * 3; x += 3) {
          let s = 0
          let q = 0
          let p = 0
          for (let at = x; at < x + reach; at += 3) {
            s += columns[at] as number
            q += columns[at + 1] as number
            p += columns[at + 2] as number
          }
          sum[to] = s
          square[to] = q
          product[to] = p
          to++
        }
      }
    }
  }
}

/** 1 - SSIM per window without the square of its luminance term's usual denominator, as SSIMULACRA2 has it. */
function poolSsim(windows: ReferenceWindows): { ssim1: number; ssim4: number } {
  const { count, mean, variance, windowBlocks } = windows
  const { sum, square, product } = windows.scratch
  const perPixel = 1 / (2 * windowBlocks) ** 2
  let first = 0
  let fourth = 0
  for (let i = 0; i < count; i++) {
    const a = mean[i] as number
    const b = (sum[i] as number) * perPixel
    const varianceB = (square[i] as number) * perPixel - b * b
    const covariance = (product[i] as number) * perPixel - a * b
    const similarity =
      ((1 - (a - b) * (a - b)) * (2 * covariance + stabiliser)) /
      ((variance[i] as number) + varianceB + stabiliser)
    const d = Math.max(0, 1 - similarity)
    const dd = d * d
    first += d
    fourth += dd * dd
  }
  return { ssim1: first / count, ssim4: Math.sqrt(Math.sqrt(fourth / count)) }
}

/** Windows more active than the reference's ring, less active ones blur. */
function poolEdges(windows: ReferenceWindows): { ring4: number; blur1: number } {
  const { count, activity, windowBlocks } = windows
  const { sum, square } = windows.scratch
  const perPixel = 1 / (2 * windowBlocks) ** 2
  let ring = 0
  let blur = 0
  for (let i = 0; i < count; i++) {
    const b = (sum[i] as number) * perPixel
    const varianceB = Math.max(0, (square[i] as number) * perPixel - b * b)
    const e = (1 + Math.sqrt(varianceB)) / (activity[i] as number) - 1
    if (e > 0) ring += e * e * e * e
    else blur -= e
  }
  return { ring4: Math.sqrt(Math.sqrt(ring / count)), blur1: blur / count }
}
