import { KompressorError, toKompressorError } from '../errors/index.ts'
import { type Detected, detectFrom, withReader } from './detect/index.ts'
import { type ImageHeader, jpegHeaderFrom, readMetadata } from './images/index.ts'
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

/** The look with what sharp reads in an image's header. Rejects with the codes of `readMetadata`. */
export async function lookCloser(
  { name, input: path }: Pick<CompressRequest, 'name' | 'input'>,
  look: FirstLook,
): Promise<FirstLook> {
  const { detected } = look
  if (detected.class !== 'image') return look
  return { ...look, metadata: await readMetadata({ name, path, format: detected.format }) }
}

/** Rejects with `empty_file` or `file_too_large`. */
export function checkSize({ name, limits }: Pick<CompressRequest, 'name' | 'limits'>, bytes: number): void {
  if (bytes === 0) throw new KompressorError('empty_file', `${name} has no bytes`)
  if (bytes > limits.maxBytes) {
    throw new KompressorError('file_too_large', `${name} has ${bytes} bytes; the limit is ${limits.maxBytes}`)
  }
}
