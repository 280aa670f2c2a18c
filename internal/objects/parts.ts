import { KompressorError } from '../errors/index.ts'
import type { CompleteUploadOptions, PresignPartOptions, UploadedPart } from './port.ts'

/** S3's limits, which every adapter keeps to: what works on a laptop works in a cluster. */
export const maxParts = 10_000
export const minPartBytes = 5 * 1024 ** 2
export const maxPartBytes = 5 * 1024 ** 3

/** Throws `invalid_part` for a part no store takes. */
export function checkPart({ partNumber, size }: Pick<PresignPartOptions, 'partNumber' | 'size'>): void {
  if (!(Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= maxParts)) {
    throw new KompressorError('invalid_part', `Parts have numbers from 1 to ${maxParts}, not ${partNumber}`)
  }
  if (!(Number.isInteger(size) && size >= 1 && size <= maxPartBytes)) {
    throw new KompressorError('invalid_part', `A part has 1 to ${maxPartBytes} bytes, not ${size}`)
  }
}

/**
 * The parts an object is made of, in the order of their numbers. Throws `invalid_part` when one that is named has not
 * arrived or was put again since, when one before the last is too small, and when there is none; `size_mismatch` when
 * they have another size together than expected.
 */
export function chooseParts<P extends UploadedPart>(
  arrived: readonly P[],
  { parts: named, size: expected }: CompleteUploadOptions,
): P[] {
  const chosen = named === undefined ? [...arrived] : named.map((part) => find(arrived, part))
  chosen.sort((a, b) => a.partNumber - b.partNumber)
  if (chosen.length === 0) throw new KompressorError('invalid_part', 'No part has arrived; send them first')
  for (const [index, { partNumber, size }] of chosen.entries()) {
    const next = chosen[index + 1]
    if (next?.partNumber === partNumber) {
      throw new KompressorError('invalid_part', `Part ${partNumber} is named twice`)
    }
    if (next !== undefined && size < minPartBytes) {
      throw new KompressorError(
        'invalid_part',
        `Part ${partNumber} has ${size} bytes; all but the last need ${minPartBytes}`,
      )
    }
  }
  const total = chosen.reduce((sum, part) => sum + part.size, 0)
  if (expected !== undefined && total !== expected) {
    throw new KompressorError(
      'size_mismatch',
      `The parts have ${total} bytes together, ${expected} were expected`,
    )
  }
  return chosen
}

function find<P extends UploadedPart>(
  arrived: readonly P[],
  { partNumber, etag }: Pick<UploadedPart, 'partNumber' | 'etag'>,
): P {
  const part = arrived.find((candidate) => candidate.partNumber === partNumber)
  if (part === undefined) throw new KompressorError('invalid_part', `Part ${partNumber} has not arrived`)
  if (part.etag !== etag.replaceAll('"', '')) {
    throw new KompressorError('invalid_part', `Part ${partNumber} is another one than that named`)
  }
  return part
}

export function uploadNotFound(key: string, cause?: unknown): KompressorError {
  return new KompressorError(
    'upload_not_found',
    `There is no such upload of ${JSON.stringify(key)}, or it has ended`,
    { cause },
  )
}
