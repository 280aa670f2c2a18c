import { expect, test } from 'vitest'
import { compressionOptionsSchema } from '../../codec/index.ts'
import { plainWords } from './plain-words.ts'

function wordsFor(options: unknown): string[] {
  const parsed = compressionOptionsSchema.safeParse(options, { error: plainWords })
  return (parsed.error?.issues ?? []).map((issue) => issue.message)
}

test.each([
  [{ images: { quality: 101 } }, 'must be at most 100'],
  [{ images: { quality: 0 } }, 'must be at least 1'],
  [{ images: { quality: 'high' } }, 'must be a number'],
  [{ images: { format: 'JXL' } }, 'must be one of Keep, Auto, JPEG, WebP, AVIF, PNG'],
  [{ images: { qualty: 80 } }, /^unknown: "qualty"; there are format, preset, quality, /],
  [{ images: [] }, 'must be an object'],
  [{ images: { quality: 80, targetQuality: 75 } }, 'give quality or targetQuality, not both'],
])('%j is answered in plain words', (options, words) => {
  expect(wordsFor(options)).toEqual([words instanceof RegExp ? expect.stringMatching(words) : words])
})
