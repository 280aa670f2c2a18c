import { imageFormatNames, mediaTypes } from './detect/index.ts'
import { extensions } from './images/encode.ts'
import type { CompressionOptions } from './options.ts'
import { guessType } from './upload-cost.ts'

const dataExtensions = { Auto: '.zst', Zstd: '.zst', Brotli: '.br', Gzip: '.gz' } as const

/**
 * The names the output of a file may get, judging by its own, the likeliest first. What it does get depends on its
 * bytes.
 */
export function likelyNames(name: string, { images, data }: CompressionOptions): string[] {
  const type = guessType({ name })
  const asImage = images === undefined ? [] : imageExtensions(images.format, type)
  const asData = data === undefined || data.as === 'ContentEncoding' ? [] : [dataExtensions[data.codec]]
  const guesses = type?.startsWith('image/') ? asImage : asData
  return [...new Set([...guesses, '', ...asImage, ...asData])].map((extension) => name + extension)
}

function imageExtensions(
  format: NonNullable<CompressionOptions['images']>['format'],
  type: string | undefined,
): string[] {
  if (format === 'Keep') return ['']
  const formats =
    format === 'Auto' ? autoFormats : imageFormatNames.filter((known) => known === format.toLowerCase())
  return formats.map((known) => (mediaTypes[known] === type ? '' : extensions[known]))
}

const autoFormats = ['avif', 'webp', 'jpeg', 'png'] as const
