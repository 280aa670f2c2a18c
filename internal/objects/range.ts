import { KompressorError } from '../errors/index.ts'

/** The inclusive byte positions to read, none for the whole. Throws range_not_satisfiable. */
export function resolveRange(
  range: { start: number; end?: number } | undefined,
  size: number,
): { start?: number; end?: number } {
  if (range === undefined) return {}
  const { start, end = size - 1 } = range
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end)
  if (!whole || start < 0 || start >= size || end < start) {
    throw new KompressorError(
      'range_not_satisfiable',
      `The range ${start}-${range.end ?? ''} lies outside the object, which has ${size} bytes`,
    )
  }
  return { start, end: Math.min(end, size - 1) }
}
