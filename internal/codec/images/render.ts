import sharp, { type Sharp } from 'sharp'
import type { ImageFormatName } from '../detect/index.ts'
import type { ImageTask } from './task.ts'

/**
 * A pipeline from the source to pixels as they are to be seen: turned upright, resized, and in sRGB unless metadata
 * (and with it the profile) is kept. 16 bits stay where `format` can hold them; `raw` is 8 bits.
 */
export function renderSource(
  { source, options, size, resized }: ImageTask,
  format: ImageFormatName | 'raw',
): Sharp {
  const keepColours = options.metadata === 'Keep' && !source.cmyk
  let image = sharp(source.path, {
    animated: source.frames > 1,
    limitInputPixels: false,
    ignoreIcc: keepColours,
  })
  if (source.frames === 1) image = image.autoOrient()
  if (resized) image = image.resize({ ...size, fit: 'fill' })
  // 16-bit pixels with a profile go through Display P3 on their way; without this they would stay there, unlabelled.
  if (source.wide && source.icc && !keepColours) image = image.withIccProfile('srgb', { attach: false })
  const wide = source.wide && (format === 'png' || format === 'tiff')
  if (wide) return image.toColourspace(source.grey ? 'grey16' : 'rgb16')
  // Raw output of grey with alpha loses the alpha, so it takes the way through RGB.
  return source.grey && !source.hasAlpha ? image.toColourspace('b-w') : image
}
