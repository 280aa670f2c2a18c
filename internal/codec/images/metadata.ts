import type { Sharp } from 'sharp'
import { type ImageFormatName, pngChunks, withReader } from '../detect/index.ts'
import type { ImageOptions } from '../options.ts'
import { blankMetadata } from './blank.ts'
import type { Blocks, Container } from './container.ts'
import { uprightExif, writeExif } from './exif.ts'
import { jpegContainer } from './jpeg-container.ts'
import { insertPngChunks, pngContainer } from './png-container.ts'
import { collectRights, type Rights, rightsPacket } from './rights.ts'
import type { ImageSource } from './source.ts'
import { webpContainer } from './webp-container.ts'

type Policy = ImageOptions['metadata']

/** Formats whose metadata is written here, around finished bytes; the others leave it to sharp. */
const containers: Partial<Record<ImageFormatName, Container>> = {
  jpeg: jpegContainer,
  png: pngContainer,
  webp: webpContainer,
}

/** Whether sharp has to write the metadata, which it can only do for pixels it read from the source itself. */
export function needsSource(source: ImageSource, policy: Policy, format: ImageFormatName): boolean {
  const { exif, xmp, icc, iptc } = source
  return policy === 'Keep' && containers[format] === undefined && (exif ?? xmp ?? icc ?? iptc) !== undefined
}

/** For AVIF, TIFF and GIF: what sharp is to write. A TIFF and AVIF state rights as XMP, which holds any script. */
export function writeBySharp(
  image: Sharp,
  source: ImageSource,
  policy: Policy,
  format: ImageFormatName,
): Sharp {
  if (containers[format] !== undefined || policy === 'Strip') return image
  if (policy === 'Keep') {
    // A CMYK profile does not describe the RGB pixels it becomes.
    return source.cmyk ? image.keepExif().keepXmp() : image.keepMetadata()
  }
  const rights = collectRights(source)
  const packet = rightsPacket(rights)
  if (packet === undefined || format === 'gif') return image
  const { artist, copyright } = rights
  const ascii = { ...(artist && { Artist: artist }), ...(copyright && { Copyright: copyright }) }
  return image.withXmp(packet).withExif({ IFD0: ascii })
}

/** For JPEG, PNG and WebP: the finished file with what the policy lets through. */
export async function writeAround(
  file: Buffer,
  source: ImageSource,
  policy: Policy,
  format: ImageFormatName,
): Promise<Buffer> {
  const container = containers[format]
  if (container === undefined) return file
  if (format === 'png' && source.format === 'png') return await carryPngChunks(file, source, policy)
  const blocks = blocksFor(source, policy)
  return Object.values(blocks).some((block) => block !== undefined) ? container.attach(file, blocks) : file
}

/** Blocks of an output whose pixels are upright. */
function blocksFor(source: ImageSource, policy: Policy): Blocks {
  if (policy === 'Strip') return {}
  if (policy === 'Copyright') return rightsBlocks(collectRights(source), 1)
  const { exif, xmp, icc, iptc, cmyk } = source
  return { exif: exif && uprightExif(exif), xmp, iptc, icc: cmyk ? undefined : icc }
}

function rightsBlocks(rights: Rights, orientation: number): Blocks {
  return {
    exif: writeExif({ ...rights, orientation }),
    xmp: rights.xmp === undefined ? undefined : Buffer.from(rights.xmp),
  }
}

/** Chunks about how the pixels look, which no policy removes; the profile makes them obsolete. */
const lookChunks = new Set(['gAMA', 'cHRM', 'sRGB', 'pHYs'])
const encodingChunks = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'bKGD', 'hIST', 'sBIT', 'sPLT'])

/** PNG to PNG copies chunks as they are, so that no text, date or gamma is lost in translation. */
async function carryPngChunks(file: Buffer, source: ImageSource, policy: Policy): Promise<Buffer> {
  const wanted = (type: string) =>
    policy === 'Keep' ? !encodingChunks.has(type) : lookChunks.has(type) && source.icc === undefined
  const carried = await withReader(source.path, async (reader) => {
    const chunks: Buffer[] = []
    for await (const { type, start, length } of pngChunks(reader)) {
      if (wanted(type)) chunks.push(Buffer.from(await reader.read(start, length + 12)))
    }
    return chunks
  })
  const out = insertPngChunks(file, carried)
  return policy === 'Copyright' ? pngContainer.attach(out, rightsBlocks(collectRights(source), 1)) : out
}

/**
 * The original with unwanted metadata taken out and its pixels untouched: orientation, profile and, under Copyright,
 * the rights stay. JPEG, PNG and WebP become smaller; where offsets into the file must not move (AVIF, TIFF, gain maps)
 * metadata is overwritten in place. Undefined when there is nothing to remove, or for GIF.
 */
export function rewriteOriginal(file: Buffer, source: ImageSource, policy: Policy): Buffer | undefined {
  if (policy === 'Keep') return undefined
  const rights = policy === 'Copyright' ? collectRights(source) : {}
  const container = containers[source.format]
  if (container === undefined || source.gainMap !== undefined) return blankMetadata(file, source, rights)
  const rewritten = container.attach(container.strip(file), rightsBlocks(rights, source.orientation))
  return rewritten.length < file.length ? rewritten : undefined
}
