import { toKompressorError } from '../errors/index.ts'
import { type Detected, detectFrom, withReader } from './detect/index.ts'
import { type ImageHeader, jpegHeaderFrom } from './images/index.ts'
import type { CompressRequest } from './request.ts'

/** What a file is and what its header says. Whoever has it need not open the file for it again. */
export interface FirstLook extends ImageHeader {
  detected: Detected
}

/** Rejects with `input_missing` or `internal`. Decodes nothing, and does not ask sharp. */
export async function lookAt({ input }: Pick<CompressRequest, 'input'>): Promise<FirstLook> {
  try {
    return await withReader(input, async (reader) => {
      const detected = await detectFrom(reader)
      const isJpeg = detected.class === 'image' && detected.format === 'jpeg'
      return { bytes: reader.size, detected, ...(isJpeg && { jpeg: await jpegHeaderFrom(reader) }) }
    })
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw toKompressorError(error, missing ? 'input_missing' : 'internal')
  }
}
