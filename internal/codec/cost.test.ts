import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { childBaseBytes, type FileFacts, predictCost, predictMemory } from './cost.ts'
import { type CompressionOptionsInput, compressionOptionsSchema } from './options.ts'

const MiB = 1024 ** 2
const options = (input: CompressionOptionsInput) => compressionOptionsSchema.parse(input)
const jpeg12: FileFacts = { class: 'image', type: 'image/jpeg', bytes: 4 * MiB, width: 4000, height: 3000 }
const both = { images: {}, data: {} }

describe('predictCost', () => {
  it.each<[string, number, FileFacts, CompressionOptionsInput]>([
    ['JPEG at a fixed quality', 699, jpeg12, { images: { quality: 80 } }],
    ['JPEG with a search', 826, jpeg12, { images: {} }],
    ['JPEG to AVIF, Small', 5103, jpeg12, { images: { format: 'AVIF', preset: 'Small' } }],
    [
      'a small JPEG to AVIF, Small',
      1405,
      { ...jpeg12, width: 500, height: 1000 },
      { images: { format: 'AVIF', preset: 'Small' } },
    ],
    ['JPEG, Fast', 195, jpeg12, { images: { preset: 'Fast' } }],
    ['JPEG with maxBytes', 3879, jpeg12, { images: { quality: 80, maxBytes: 1 } }],
    [
      'every frame of an animation',
      4203,
      { ...jpeg12, type: 'image/gif', width: 1000, height: 100, frames: 100 },
      both,
    ],
    ['an image whose header is not read yet, from its bytes', 817, { ...jpeg12, width: undefined }, both],
    ['an image that was not asked for: only looked at', 5.8, jpeg12, { data: {} }],
    ['an image of a kind that is skipped', 5.8, { type: 'image/heic', bytes: 4 * MiB }, both],
    ['SVG, which is data', 103, { type: 'image/svg+xml', bytes: 4 * MiB }, both],
    ['data at the default level', 103, { class: 'data', bytes: 4 * MiB }, both],
    ['data of no type', 103, { bytes: 4 * MiB }, both],
    [
      'data at a level between two measured ones',
      50.7,
      { bytes: 4 * MiB },
      { data: { codec: 'Zstd', level: 4 } },
    ],
    ['data at the highest level', 7203, { bytes: 4 * MiB }, { data: { codec: 'Brotli', level: 11 } }],
  ])('of %s is about %d ms', (_, expected, facts, input) => {
    expect(Math.abs(predictCost(facts, options(input)) / expected - 1)).toBeLessThan(0.01)
  })

  it('is positive, finite and grows with the file', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'image/jpeg',
          'image/png',
          'image/gif',
          'image/svg+xml',
          'text/csv',
          'toString',
          undefined,
        ),
        fc.integer({ min: 0, max: 2 ** 45 }),
        fc.integer({ min: 0, max: 2 ** 45 }),
        (type, a, b) => {
          const [small, large] = [Math.min(a, b), Math.max(a, b)].map((bytes) => {
            return predictCost({ type, bytes }, options(both))
          })
          expect(small).toBeGreaterThan(0)
          expect(large).toBeGreaterThanOrEqual(small ?? 0)
          expect(Number.isFinite(large)).toBe(true)
        },
      ),
    )
  })

  it.each([
    ['Zstd', 1, 19],
    ['Brotli', 0, 11],
    ['Gzip', 1, 9],
  ] as const)('grows with every level of %s', (codec, min, max) => {
    const costs = Array.from({ length: max - min + 1 }, (_, i) =>
      predictCost({ bytes: 64 * MiB }, options({ data: { codec, level: min + i } })),
    )
    expect(costs).toEqual(costs.toSorted((a, b) => a - b))
    expect(new Set(costs).size).toBe(costs.length)
  })
})

describe('predictMemory', () => {
  it.each<[string, number, FileFacts, CompressionOptionsInput]>([
    ['a child that does nothing', 0, { type: 'image/heic', bytes: 9 }, both],
    ['12 MP to JPEG', 120e6, jpeg12, { images: {} }],
    ['12 MP to WebP', 132e6, jpeg12, { images: { format: 'WebP' } }],
    ['12 MP to AVIF', 468e6, jpeg12, { images: { format: 'AVIF' } }],
    ['data of any size', 110 * MiB, { bytes: 2 ** 40 }, both],
    ['data at a high level', 160 * MiB, { bytes: 2 ** 40 }, { data: { level: 19 } }],
  ])('of %s is %d bytes above an idle child', (_, expected, facts, input) => {
    expect(predictMemory(facts, options(input)) - childBaseBytes).toBe(expected)
  })
})
