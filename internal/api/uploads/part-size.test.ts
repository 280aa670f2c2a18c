import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxPartBytes, maxParts, minPartBytes } from '../../objects/index.ts'
import { partCountOf, partSizeOf, sizeOfPart } from './part-size.ts'

const MiB = 1024 ** 2

test('parts of any size of file fit every store and make the file', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 * 1024 ** 4 }), (size) => {
      const count = partCountOf(size)
      expect(count).toBeLessThanOrEqual(maxParts)
      const partSize = partSizeOf(size)
      expect(partSize).toBeGreaterThanOrEqual(minPartBytes)
      expect(partSize).toBeLessThanOrEqual(maxPartBytes)
      const last = sizeOfPart(size, count)
      expect(last).toBeGreaterThan(0)
      expect((count - 1) * partSize + last).toBe(size)
      if (count > 1) expect(sizeOfPart(size, 1)).toBe(partSize)
    }),
  )
})

test.each([
  [1, 16 * MiB, 1],
  [16 * MiB, 16 * MiB, 1],
  [16 * MiB + 1, 16 * MiB, 2],
  [5 * 1024 ** 3, 16 * MiB, 320],
  [1024 ** 4, 105 * MiB, 9987],
])('a file of %d bytes has parts of %d bytes, %d of them', (size, partSize, count) => {
  expect([partSizeOf(size), partCountOf(size)]).toEqual([partSize, count])
})
