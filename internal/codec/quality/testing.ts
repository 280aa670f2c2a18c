import sharp from 'sharp'
import type { RgbPixels } from './types.ts'

/** Images for the tests of this folder, generated: the same bytes on every machine. */

/** Uniform numbers in 0-1 from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function noise(width: number, height: number, seed: number): RgbPixels {
  const next = random(seed)
  const data = Uint8Array.from({ length: width * height * 3 }, () => Math.floor(next() * 256))
  return { data, width, height }
}

export function flat(width: number, height: number, colour: readonly [number, number, number]): RgbPixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3] ?? 0)
  return { data, width, height }
}

/** Noise of several sizes over a gradient: falls off with frequency as photographs do. */
export async function photograph(width: number, height: number, seed: number): Promise<RgbPixels> {
  const data = new Float32Array(width * height * 3)
  for (const [step, strength] of [
    [2, 14],
    [6, 26],
    [20, 45],
    [90, 90],
  ] as const) {
    const small = noise(Math.ceil(width / step) + 1, Math.ceil(height / step) + 1, seed + step)
    const layer = await sharp(small.data, { raw: { width: small.width, height: small.height, channels: 3 } })
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer()
    for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + ((layer[i] ?? 0) / 255 - 0.5) * strength
  }
  const next = random(seed)
  return {
    data: Uint8Array.from(data, (value, i) => {
      const x = (Math.floor(i / 3) % width) / width
      return Math.max(0, Math.min(255, Math.round(70 + 110 * x + value + (next() - 0.5) * 4)))
    }),
    width,
    height,
  }
}

/** Saturated lines, three pixels thin, on white: what 4:2:0 cannot hold. */
export function colouredLines(width: number, height: number): RgbPixels {
  const colours = [
    [255, 0, 0],
    [0, 0, 255],
    [255, 0, 255],
  ] as const
  const pixels = flat(width, height, [255, 255, 255])
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = (x + Math.floor(y / 2)) % 10
      if (along >= 3 && along < 6) {
        pixels.data.set(colours[Math.floor(x / 40) % 3] ?? colours[0], (y * width + x) * 3)
      }
    }
  }
  return pixels
}
