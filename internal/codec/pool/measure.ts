import { stat } from 'node:fs/promises'
import sharp from 'sharp'
import type { FileFacts } from '../cost.ts'
import { detect } from '../detect/index.ts'
import type { CompressRequest } from '../request.ts'

/** What the header says of a file: enough to predict what compressing it takes. Decodes no pixels. */
export async function measure({ input }: CompressRequest): Promise<FileFacts> {
  const [{ size: bytes }, detected] = await Promise.all([stat(input), detect(input)])
  if (detected.class !== 'image') return { class: detected.class, bytes }
  const { class: kind, type } = detected
  try {
    // Headers have no limit of pixels here: whether there are too many is the codec's to say.
    const { width, pageHeight, height, pages } = await sharp(input, { limitInputPixels: false }).metadata()
    return { class: kind, type, bytes, width, height: pageHeight ?? height, frames: pages ?? 1 }
  } catch {
    // Not readable as what it seems to be. The codec will find that too, and says which of the many ways it is.
    return { class: kind, type, bytes }
  }
}
