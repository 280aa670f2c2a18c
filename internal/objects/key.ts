import { KompressorError } from '../errors/index.ts'

/** Longest key in bytes of UTF-8, as in S3. */
export const maxKeyBytes = 1024

/**
 * Throws `invalid_name` unless every adapter can store the key: 1 to 1,024 bytes of well-formed Unicode without NUL,
 * which S3's listing cannot carry. Everything else is a good key: `../x`, `a//b`, `.`, line breaks.
 */
export function checkKey(key: string): void {
  const problem = key === '' ? 'is empty' : textProblem(key)
  if (problem !== undefined)
    throw new KompressorError('invalid_name', `The object key ${quote(key)} ${problem}`)
}

/** As `checkKey`, for a prefix or a position in a listing, which may be empty. */
export function checkKeyPart(what: string, part: string): void {
  const problem = textProblem(part)
  if (problem !== undefined)
    throw new KompressorError('invalid_name', `The ${what} ${quote(part)} ${problem}`)
}

function textProblem(text: string): string | undefined {
  if (!text.isWellFormed()) return 'is not well-formed Unicode'
  if (text.includes('\0')) return 'contains a NUL character'
  const bytes = Buffer.byteLength(text)
  return bytes > maxKeyBytes ? `has ${bytes} bytes; ${maxKeyBytes} are allowed` : undefined
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}
