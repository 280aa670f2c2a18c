/**
 * Colour planes of a mosaic in the XYB space SSIMULACRA2 compares in, at the scales the model uses. Luma at full size
 * comes from one weighted sum instead of two; every smaller scale averages 2 x 2 in linear light first, as the metric
 * itself does.
 */
export interface Planes {
  y0: Float32Array
  y1: Float32Array
  x1: Float32Array
  y2: Float32Array
  y3: Float32Array
  b3: Float32Array
  b4: Float32Array
}

export type PlaneName = keyof Planes

/** Halvings of the mosaic's sides for each plane. */
export const planeScales: Record<PlaneName, number> = { y0: 0, y1: 1, x1: 1, y2: 2, y3: 3, b3: 3, b4: 4 }

/** Working memory for mosaics of one size; `toPlanes` writes into it and allocates nothing. */
export interface PlaneScratch {
  width: number
  height: number
  planes: Planes
  /** Linear RGB, interleaved, at scales 1-4. */
  linear: [Float32Array, Float32Array, Float32Array, Float32Array]
}

/** sRGB's transfer function, 0-255 to linear 0-1. */
const linearLight = Float32Array.from({ length: 256 }, (_, i) => {
  const v = i / 255
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
})

const cubeRootSteps = 65_535
/** Opsin bias of XYB. */
const bias = 0.00379307
/** cbrt(x + bias) - cbrt(bias) for x of 0-1 in 65,535 steps: finer than 8-bit sRGB everywhere. */
const cubeRoot = Float32Array.from(
  { length: cubeRootSteps + 1 },
  (_, i) => Math.cbrt(i / cubeRootSteps + bias) - Math.cbrt(bias),
)

/** `width` and `height` in pixels, multiples of 16. */
export function createPlaneScratch(width: number, height: number): PlaneScratch {
  const plane = (scale: number) => new Float32Array((width >> scale) * (height >> scale))
  const rgb = (scale: number) => new Float32Array((width >> scale) * (height >> scale) * 3)
  return {
    width,
    height,
    planes: {
      y0: plane(0),
      y1: plane(1),
      x1: plane(1),
      y2: plane(2),
      y3: plane(3),
      b3: plane(3),
      b4: plane(4),
    },
    linear: [rgb(1), rgb(2), rgb(3), rgb(4)],
  }
}

/** Planes of an interleaved 8-bit sRGB mosaic, valid until the next call with the same scratch. */
export function toPlanes(mosaic: Uint8Array, scratch: PlaneScratch): Planes {
  const { width, height, planes, linear } = scratch
  const [half, quarter, eighth, sixteenth] = linear
  lumaAndHalf(mosaic, width, height, planes.y0, half)
  halve(half, width >> 1, height >> 1, quarter)
  halve(quarter, width >> 2, height >> 2, eighth)
  halve(eighth, width >> 3, height >> 3, sixteenth)
  luma(half, planes.y1)
  redGreen(half, planes.x1)
  luma(quarter, planes.y2)
  luma(eighth, planes.y3)
  blue(eighth, planes.b3)
  blue(sixteenth, planes.b4)
  return planes
}

// The loops below index typed arrays inside their bounds by construction; `as number` says so without a branch.

function lumaAndHalf(
  rgb: Uint8Array,
  width: number,
  height: number,
  y0: Float32Array,
  half: Float32Array,
): void {
  const line = width * 3
  let to = 0
  for (let y = 0; y < height; y += 2) {
    let at = y * line
    let luma = y * width
    for (let x = 0; x < width; x += 2) {
      const below = at + line
      const r0 = linearLight[rgb[at] as number] as number
      const g0 = linearLight[rgb[at + 1] as number] as number
      const b0 = linearLight[rgb[at + 2] as number] as number
      const r1 = linearLight[rgb[at + 3] as number] as number
      const g1 = linearLight[rgb[at + 4] as number] as number
      const b1 = linearLight[rgb[at + 5] as number] as number
      const r2 = linearLight[rgb[below] as number] as number
      const g2 = linearLight[rgb[below + 1] as number] as number
      const b2 = linearLight[rgb[below + 2] as number] as number
      const r3 = linearLight[rgb[below + 3] as number] as number
      const g3 = linearLight[rgb[below + 4] as number] as number
      const b3 = linearLight[rgb[below + 5] as number] as number
      y0[luma] = root(0.265 * r0 + 0.657 * g0 + 0.078 * b0)
      y0[luma + 1] = root(0.265 * r1 + 0.657 * g1 + 0.078 * b1)
      y0[luma + width] = root(0.265 * r2 + 0.657 * g2 + 0.078 * b2)
      y0[luma + width + 1] = root(0.265 * r3 + 0.657 * g3 + 0.078 * b3)
      half[to] = (r0 + r1 + r2 + r3) * 0.25
      half[to + 1] = (g0 + g1 + g2 + g3) * 0.25
      half[to + 2] = (b0 + b1 + b2 + b3) * 0.25
      at += 6
      luma += 2
      to += 3
    }
  }
}

function root(value: number): number {
  return cubeRoot[(value * cubeRootSteps + 0.5) | 0] as number
}

function halve(rgb: Float32Array, width: number, height: number, half: Float32Array): void {
  const line = width * 3
  let to = 0
  for (let y = 0; y + 1 < height; y += 2) {
    let at = y * line
    for (let x = 0; x + 1 < width; x += 2) {
      for (let c = 0; c < 3; c++) {
        half[to + c] =
          0.25 *
          ((rgb[at + c] as number) +
            (rgb[at + c + 3] as number) +
            (rgb[at + c + line] as number) +
            (rgb[at + c + line + 3] as number))
      }
      at += 6
      to += 3
    }
  }
}

/** Y = (L + M) / 2, positive. */
function luma(rgb: Float32Array, out: Float32Array): void {
  for (let i = 0, at = 0; i < out.length; i++, at += 3) {
    const r = rgb[at] as number
    const g = rgb[at + 1] as number
    const b = rgb[at + 2] as number
    out[i] = 0.5 * (root(0.3 * r + 0.622 * g + 0.078 * b) + root(0.23 * r + 0.692 * g + 0.078 * b))
  }
}

/** X = 7 (L - M) + 0.42. */
function redGreen(rgb: Float32Array, out: Float32Array): void {
  for (let i = 0, at = 0; i < out.length; i++, at += 3) {
    const r = rgb[at] as number
    const g = rgb[at + 1] as number
    const b = rgb[at + 2] as number
    out[i] = 7 * (root(0.3 * r + 0.622 * g + 0.078 * b) - root(0.23 * r + 0.692 * g + 0.078 * b)) + 0.42
  }
}

/** B = S - Y + 0.55. */
function blue(rgb: Float32Array, out: Float32Array): void {
  for (let i = 0, at = 0; i < out.length; i++, at += 3) {
    const r = rgb[at] as number
    const g = rgb[at + 1] as number
    const b = rgb[at + 2] as number
    const y = 0.5 * (root(0.3 * r + 0.622 * g + 0.078 * b) + root(0.23 * r + 0.692 * g + 0.078 * b))
    out[i] = root(0.24342 * r + 0.20477 * g + 0.55181 * b) - y + 0.55
  }
}
