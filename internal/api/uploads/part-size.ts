import { maxParts } from '../../objects/index.ts'

const MiB = 1024 ** 2

/** Above this many bytes an upload is better sent in parts, so that a cut one goes on where it was. */
export const multipartAbove = 64 * MiB

/** What a cut costs at most, and what a browser holds for one request. */
const usualPartBytes = 16 * MiB

/**
 * Bytes of every part but the last of a file of this size: whole MiB, and few enough parts for any store. It depends on
 * the size alone, so an upload goes on after any restart; a change of it would break those under way.
 */
export function partSizeOf(size: number): number {
  return Math.max(usualPartBytes, Math.ceil(size / maxParts / MiB) * MiB)
}

export function partCountOf(size: number): number {
  return Math.max(1, Math.ceil(size / partSizeOf(size)))
}

/** Bytes of one part, numbered from 1. */
export function sizeOfPart(size: number, partNumber: number): number {
  const partSize = partSizeOf(size)
  return Math.min(partSize, size - (partNumber - 1) * partSize)
}
