import { type ErrorCode, KompressorError, toKompressorError } from '../../errors/index.ts'
import type { ImageFormatName } from '../detect/index.ts'
import { isTruncated } from './truncation.ts'

/** The file an error is about. */
export interface Subject {
  name: string
  path: string
  format: ImageFormatName
}

/** What libvips and the libraries under it say when memory or their own limits end, instead of the file's content. */
const resourceFailures: readonly (readonly [RegExp, ErrorCode])[] = [
  [/out of memory|cannot allocate|could not allocate/i, 'codec_out_of_memory'],
  [
    /security limit|pixel limit|too large|exceeds? the (?:maximum|limit)|maximum image size/i,
    'too_many_pixels',
  ],
  [/no space left/i, 'storage_full'],
]

/** Runs something that decodes the subject; its failures become the codes that say what is wrong with the file. */
export async function decoding<T>(subject: Subject, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof KompressorError) throw error
    throw await decodeFailure(subject, error)
  }
}

async function decodeFailure({ name, path, format }: Subject, error: unknown): Promise<KompressorError> {
  const message = error instanceof Error ? error.message : String(error)
  const options = { cause: error }
  const resource = resourceFailures.find(([pattern]) => pattern.test(message))
  if (resource) return new KompressorError(resource[1], `${name}: ${firstLine(message)}`, options)
  const known = toKompressorError(error)
  if (known.code !== 'internal') return known
  if (await isTruncated(path, format)) {
    return new KompressorError(
      'truncated_input',
      `${name} ends before its ${format.toUpperCase()} data does; transfer it again`,
      options,
    )
  }
  return new KompressorError('corrupt_input', `${name} is damaged: ${firstLine(message)}`, options)
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}
