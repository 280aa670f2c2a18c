import type { FileFacts } from '../cost.ts'
import { readMetadata } from '../images/index.ts'
import { type FirstLook, lookAt } from '../look.ts'
import type { CompressRequest } from '../request.ts'

export interface Measured {
  facts: FileFacts
  /** For whoever compresses the file. */
  look?: FirstLook | undefined
}

/**
 * What the header says of a file: enough to predict what compressing it takes. Decodes no pixels. Never rejects: what
 * is not readable is left out, because the codec will meet the same fault and can say which of the many it is.
 */
export async function measure(request: CompressRequest): Promise<Measured> {
  let look: FirstLook | undefined
  try {
    look = await lookAt(request)
    const { detected } = look
    if (detected.class === 'image') {
      const subject = { name: request.name, path: request.input, format: detected.format }
      look = { ...look, metadata: await readMetadata(subject) }
    }
  } catch {
    // What there is of it remains.
  }
  return { facts: factsOf(look), look }
}

function factsOf(look: FirstLook | undefined): FileFacts {
  if (look === undefined) return { bytes: 0 }
  const { bytes, detected, metadata } = look
  const facts = { bytes, class: detected.class }
  if (detected.class !== 'image') return facts
  const { type } = detected
  if (metadata === undefined || metadata === 'pages differ') return { ...facts, type }
  // Not limited here: whether there are too many pixels is the codec's to say.
  const { width, height, pageHeight, pages } = metadata
  return { ...facts, type, width, height: pageHeight ?? height, frames: pages ?? 1 }
}
