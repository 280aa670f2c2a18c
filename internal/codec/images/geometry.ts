import type { ImageOptions } from '../options.ts'

export interface Size {
  width: number
  height: number
}

/** The largest size of this shape that fits the limits; the size itself when it fits already. At least 1 x 1. */
export function fitWithin({ width, height }: Size, resize: ImageOptions['resize']): Size {
  const scale = Math.min(1, (resize?.maxWidth ?? width) / width, (resize?.maxHeight ?? height) / height)
  if (scale === 1) return { width, height }
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
