import { stat } from 'node:fs/promises'
import sharp from 'sharp'
import type { FileFacts } from '../cost.ts'
import { detect } from '../detect/index.ts'
import type { CompressRequest } from '../request.ts'

/**
 * What the header says of a file: enough to predict what compressing it takes. Decodes no pixels. Never rejects: what
 * is not readable is left out, because the codec will meet the same fault and can say which of the many it is.
 */
export async function measure({ input }: CompressRequest): Promise<FileFacts> {
  const facts: FileFacts = { bytes: 0 }
  try {
    facts.bytes = (await stat(input)).size
    const detected = await detect(input)
    facts.class = detected.class
    if (detected.class !== 'image') return facts
    facts.type = detected.type
    // Not limited here: whether there are too many pixels is the codec's to say.
    const { width, height, pageHeight, pages } = await sharp(input, { limitInputPixels: false }).metadata()
    return { ...facts, width, height: pageHeight ?? height, frames: pages ?? 1 }
  } catch {
    return facts
  }
}
