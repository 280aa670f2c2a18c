import sharp, { type Sharp } from 'sharp'
import type { RgbPixels } from '../quality/index.ts'

/** Decoded pixels as they will be seen: turned, resized, in the output's colours; 8 bits, interleaved. */
export interface Raster {
  data: Buffer
  width: number
  height: number
  channels: 1 | 3 | 4
}

export async function decodeRaster(image: Sharp): Promise<Raster> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const channels = info.channels === 1 || info.channels === 3 ? info.channels : 4
  return { data, width: info.width, height: info.height, channels }
}

/** A pipeline that starts from the raster; one channel stays one channel. */
export function fromRaster({ data, width, height, channels }: Raster): Sharp {
  const image = sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
  return channels === 1 ? image.toColourspace('b-w') : image
}

/** Mid grey: neither dark nor light content vanishes against it. */
const backdrop = 128

/** What a metric for opaque colour sees: grey spread to three channels, transparency over mid grey. */
export function toRgb({ data, width, height, channels }: Raster): RgbPixels {
  if (channels === 3) return { data, width, height }
  const out = Buffer.allocUnsafe(width * height * 3)
  for (let from = 0, to = 0; to < out.length; from += channels, to += 3) {
    if (channels === 1) {
      out.fill(data[from] ?? 0, to, to + 3)
    } else {
      const alpha = (data[from + 3] ?? 255) / 255
      for (let c = 0; c < 3; c++)
        out[to + c] = Math.round((data[from + c] ?? 0) * alpha + backdrop * (1 - alpha))
    }
  }
  return { data: out, width, height }
}

/** Same picture: equal wherever anything is visible. Channel counts may differ (grey as RGB, opaque as RGBA). */
export function looksEqual(a: Raster, b: Raster): boolean {
  if (a.width !== b.width || a.height !== b.height) return false
  if (a.channels === b.channels && a.data.equals(b.data)) return true
  for (let p = 0; p < a.width * a.height; p++) {
    const alpha = channelAt(a, p, 3)
    if (alpha !== channelAt(b, p, 3)) return false
    if (alpha === 0) continue
    for (let c = 0; c < 3; c++) if (channelAt(a, p, c) !== channelAt(b, p, c)) return false
  }
  return true
}

function channelAt({ data, channels }: Raster, pixel: number, channel: number): number {
  if (channel === 3) return channels === 4 ? (data[pixel * 4 + 3] ?? 0) : 255
  return data[pixel * channels + (channels === 1 ? 0 : channel)] ?? 0
}
