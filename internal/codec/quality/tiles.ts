import type { RgbPixels } from './types.ts'

/** Tiles of `size` x `size` pixels on a `columns` x `rows` grid; tile (i, j) starts at (left[i], top[j]). */
export interface TileGrid {
  size: number
  columns: number
  rows: number
  left: Int32Array
  top: Int32Array
}

/** Encoders work in blocks of up to 16 pixels; a tile cut along them meets the encoder as the whole image would. */
const alignment = 16

/** What a pixel-wide stretch of the sampling cells costs against one tile more, both as fractions. */
const aspectPenalty = 0.3

/**
 * At most `limit` tiles spread evenly over a `width` x `height` image. When the image has no more cells than that, the
 * tiles cover it completely (the last column and row then overlap their neighbours). Tiles are inside the image except
 * along a side shorter than a tile, where they start at 0 and reach over the edge (`copyTiles` mirrors there).
 */
export function planTiles(width: number, height: number, size: number, limit: number): TileGrid {
  const allColumns = Math.ceil(width / size)
  const allRows = Math.ceil(height / size)
  if (allColumns * allRows <= limit) {
    return {
      size,
      columns: allColumns,
      rows: allRows,
      left: coveringStarts(width, size, allColumns),
      top: coveringStarts(height, size, allRows),
    }
  }
  const maxColumns = Math.min(allColumns, alignedStarts(width, size))
  const maxRows = Math.min(allRows, alignedStarts(height, size))
  let best = { columns: 1, rows: 1, value: Number.NEGATIVE_INFINITY }
  for (let columns = 1; columns <= Math.min(limit, maxColumns); columns++) {
    for (let rows = 1; rows <= Math.min(Math.floor(limit / columns), maxRows); rows++) {
      const stretch = Math.abs(Math.log(width / columns / (height / rows)))
      const value = (columns * rows) / limit - aspectPenalty * stretch
      if (value > best.value) best = { columns, rows, value }
    }
  }
  const { columns, rows } = best
  return {
    size,
    columns,
    rows,
    left: spreadStarts(width, size, columns),
    top: spreadStarts(height, size, rows),
  }
}

/** How many different places along the block grid a tile has: more tiles than that would repeat each other. */
function alignedStarts(extent: number, size: number): number {
  return 1 + Math.max(0, Math.floor((extent - size) / alignment))
}

function coveringStarts(extent: number, size: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.max(0, Math.min(i * size, extent - size)))
}

function spreadStarts(extent: number, size: number, count: number): Int32Array {
  const last = (alignedStarts(extent, size) - 1) * alignment
  return Int32Array.from({ length: count }, (_, i) => {
    const centre = ((i + 0.5) * extent) / count
    const start = Math.round((centre - size / 2) / alignment) * alignment
    return Math.max(0, Math.min(start, last))
  })
}

/** The tiles of an image side by side in one image of `columns * size` x `rows * size` pixels, RGB. */
export function copyTiles(pixels: RgbPixels, grid: TileGrid): Uint8Array {
  const { data, width, height } = pixels
  const { size, columns, rows, left, top } = grid
  const stride = columns * size * 3
  const mosaic = new Uint8Array(stride * rows * size)
  let to = 0
  for (let row = 0; row < rows; row++) {
    const tileTop = top[row] ?? 0
    for (let y = 0; y < size; y++) {
      const line = mirror(tileTop + y, height) * width
      for (let column = 0; column < columns; column++) {
        const tileLeft = left[column] ?? 0
        if (tileLeft + size <= width) {
          const from = (line + tileLeft) * 3
          mosaic.set(data.subarray(from, from + size * 3), to)
        } else {
          for (let x = 0; x < size; x++) {
            const from = (line + mirror(tileLeft + x, width)) * 3
            mosaic[to + x * 3] = data[from] ?? 0
            mosaic[to + x * 3 + 1] = data[from + 1] ?? 0
            mosaic[to + x * 3 + 2] = data[from + 2] ?? 0
          }
        }
        to += size * 3
      }
    }
  }
  return mosaic
}

/** Index reflected into 0 … extent - 1: content past an edge repeats what is inside, at the same density. */
function mirror(index: number, extent: number): number {
  const phase = index % (2 * extent)
  return phase < extent ? phase : 2 * extent - 1 - phase
}

/**
 * Overwrites a frame of `border` pixels inside every tile of `mosaic` with the pixels of `reference`: neighbouring
 * tiles bleed into each other there (chroma upsampling, loop filters), which they do not in the whole image.
 */
export function restoreFrames(
  mosaic: Uint8Array,
  reference: Uint8Array,
  grid: TileGrid,
  border: number,
): void {
  if (border === 0) return
  const { size, columns, rows } = grid
  const line = columns * size * 3
  const copy = (from: number, to: number) => mosaic.set(reference.subarray(from, to), from)
  for (let row = 0; row < rows; row++) {
    for (let y = 0; y < size; y++) {
      const start = (row * size + y) * line
      if (y < border || y >= size - border) {
        copy(start, start + line)
        continue
      }
      // The right frame of one tile and the left frame of the next are adjacent.
      copy(start, start + border * 3)
      for (let column = 1; column < columns; column++) {
        const seam = start + column * size * 3
        copy(seam - border * 3, seam + border * 3)
      }
      copy(start + line - border * 3, start + line)
    }
  }
}
