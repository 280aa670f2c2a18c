import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sizeClass, topFolder, typeByName } from './classify.ts'
import { Frame, otherTypes } from './frame.ts'
import { leastPerStratum, planSample } from './plan.ts'

function planOf(files: readonly (readonly [path: string, size: number])[], sampleSize: number, seed = 1) {
  const frame = new Frame<string>({ sampleSize, seed })
  for (const [path, size] of files) {
    frame.add({ path, size, predictedMs: 1, storageClass: 'STANDARD', ageDays: 0, ref: path })
  }
  return { frame, strata: planSample(frame) }
}

const many = (count: number, size: number, extension: string) =>
  Array.from({ length: count }, (_, i) => [`${extension}/${i}.${extension}`, size] as const)

test.each([
  ['a/b.JPG', 'JPEG'],
  ['a.jpeg', 'JPEG'],
  ['x.tar.gz', 'gz'],
  ['README', 'no extension'],
  ['app.log.2024', 'no extension'],
  ['a.b/c', 'no extension'],
])('%s counts as %s', (name, type) => {
  expect(typeByName(name)).toBe(type)
})

test('sizes and folders have classes of their own', () => {
  expect([1, 16_383, 16_384, 131_071, 131_072, 1e12].map(sizeClass)).toEqual([0, 0, 1, 1, 2, 6])
  expect(['a/b/c', 'c'].map(topFolder)).toEqual(['a/', './'])
})

test('places go where the bytes are, and everywhere some', () => {
  const { strata } = planOf([...many(1000, 100_000, 'jpg'), ...many(1000, 10_000, 'png')], 110)
  const places = Object.fromEntries(strata.map(({ type, sample }) => [type, sample.length]))
  expect(places).toEqual({ JPEG: 100, PNG: 10 })
})

test('what is so large that it weighs as much as a place is looked at for certain', () => {
  const { strata } = planOf([...many(1000, 1000, 'log'), ['huge.bak', 1_000_000_000]], 20)
  const certain = strata.find(({ type }) => type === 'bak')
  expect(certain).toMatchObject({ files: 1, bytes: 1_000_000_000 })
  expect(certain?.sample.map(({ path }) => path)).toEqual(['huge.bak'])
  expect(strata.find(({ type }) => type === 'log')?.sample).toHaveLength(19)
})

test('classes and types too small for places of their own are joined', () => {
  const crumbs = ['aa', 'bb', 'cc'].flatMap((extension) => many(3, 1000, extension))
  const { strata } = planOf([...many(1000, 1_000_000, 'jpg'), ...many(10, 1000, 'jpg'), ...crumbs], 50)
  expect(strata.map(({ type, files }) => [type, files])).toEqual([
    ['JPEG', 1010],
    [otherTypes, 9],
  ])
})

test('a small bucket is looked at completely', () => {
  const { strata } = planOf(many(30, 5000, 'jpg'), 100)
  expect(strata.flatMap(({ sample }) => sample)).toHaveLength(30)
})

test('the same seed draws the same files in whatever order they are listed, and another seed others', () => {
  const files = [...many(500, 100_000, 'jpg'), ...many(500, 100_000, 'log')]
  const drawn = (list: typeof files, seed: number) =>
    planOf(list, 50, seed)
      .strata.flatMap(({ sample }) => sample.map(({ path }) => path))
      .sort()
  expect(drawn(files.toReversed(), 7)).toEqual(drawn(files, 7))
  expect(drawn(files, 8)).not.toEqual(drawn(files, 7))
})

test('each file is as likely as any other of its stratum', () => {
  const times = new Map<string, number>()
  for (let seed = 0; seed < 2000; seed += 1) {
    for (const { path } of planOf(many(20, 1000, 'jpg'), 10, seed).strata.flatMap(({ sample }) => sample)) {
      times.set(path, (times.get(path) ?? 0) + 1)
    }
  }
  // 1000 each, with a standard deviation of 22.
  for (const count of times.values()) expect(Math.abs(count - 1000)).toBeLessThan(110)
  expect(times.size).toBe(20)
})

test('nothing is lost and nothing is there twice, whatever is listed', () => {
  const file = fc.record({
    folder: fc.constantFrom('a/', 'b/', ''),
    extension: fc.constantFrom('jpg', 'log', 'csv', 'png', 'zip'),
    size: fc.oneof(fc.nat(2000), fc.nat(100_000_000)),
  })
  fc.assert(
    fc.property(fc.array(file, { maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (list, sampleSize) => {
      const files = list.map(
        ({ folder, extension, size }, i) => [`${folder}${i}.${extension}`, size] as const,
      )
      const { frame, strata } = planOf(files, sampleSize)
      const full = files.filter(([, size]) => size > 0)
      const sum = (of: (stratum: (typeof strata)[number]) => number) => strata.reduce((s, x) => s + of(x), 0)
      expect(frame.empty).toBe(files.length - full.length)
      expect(sum(({ files: own }) => own)).toBe(full.length)
      expect(sum(({ bytes }) => bytes)).toBe(full.reduce((s, [, size]) => s + size, 0))
      const paths = strata.flatMap(({ sample }) => sample.map(({ path }) => path))
      expect(new Set(paths).size).toBe(paths.length)
      for (const { files: own, folders, sample } of strata) {
        expect(sample.length).toBeGreaterThanOrEqual(Math.min(own, leastPerStratum))
        expect([...folders.values()].reduce((s, one) => s + one.files, 0)).toBe(own)
      }
    }),
  )
})

test('memory does not grow with the listing', () => {
  const { frame } = planOf(many(20_000, 1000, 'jpg'), 50)
  const held = frame.cells().reduce((sum, { lowest }) => sum + lowest.items().length, 0)
  expect(held).toBeLessThanOrEqual(75)
})
