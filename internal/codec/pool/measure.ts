import type { FileFacts } from '../cost.ts'
import { type FirstLook, lookAt, lookCloser } from '../look.ts'
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
    look = await lookCloser(request, look)
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
