import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { RgbPixels } from '../../internal/codec/quality/index.ts'

export interface CorpusImage {
  name: string
  /** `large` is about 2.5 MP, `small` 0.4 MP. */
  size: 'large' | 'small'
  path: string
}

/** Photographs under KOMPRESSOR_CORPUS, by default ../shared/corpus beside the repository. */
export function corpusFolder(): string {
  return process.env.KOMPRESSOR_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus')
}

/** The photographs of a corpus, sorted: its folders `kodak` and `photos`. */
export function listCorpus(folder: string): CorpusImage[] {
  const images = (['kodak', 'photos'] as const).flatMap((set) => {
    const path = join(folder, set)
    if (!existsSync(path)) return []
    return readdirSync(path)
      .filter((name) => /\.(png|jpe?g)$/i.test(name))
      .sort()
      .map(
        (name): CorpusImage => ({ name, size: set === 'kodak' ? 'small' : 'large', path: join(path, name) }),
      )
  })
  if (images.length === 0) throw new Error(`no photographs under ${folder}; set KOMPRESSOR_CORPUS`)
  return images
}

/** Decoded, without alpha. */
export async function decode(input: string | Buffer): Promise<RgbPixels> {
  const { data, info } = await sharp(input)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}
