import { expect, test } from 'vitest'
import { estimate, type Looked } from './estimate.ts'
import { Frame } from './frame.ts'
import { planSample } from './plan.ts'
import { listPrices } from './prices.ts'
import { estimateSchema } from './schema.ts'

function estimateOf(
  files: readonly (readonly [path: string, size: number])[],
  looked: (path: string, size: number) => Looked,
  sampleSize = 40,
) {
  const frame = new Frame<string>({ sampleSize, seed: 3 })
  for (const [path, size] of files) {
    frame.add({ path, size, predictedMs: size / 1000, storageClass: 'STANDARD', ageDays: 9, ref: path })
  }
  return estimate(frame, planSample(frame), ({ ref, size }) => looked(ref, size), {
    seed: 3,
    prices: listPrices,
    replicas: 2,
    slots: 4,
    oldVersionDays: 0,
    at: new Date('2026-11-28T12:00:00Z'),
  })
}

const files = (count: number, size: number, name: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => [name(i), size + i] as const)
const halved = (_: string, size: number): Looked => ({
  kind: 'done',
  outcome: 'compressed',
  type: 'image/jpeg',
  bytesOut: Math.floor(size / 2),
  cpuMs: size / 500,
  score: 75,
})

test('says what would be saved, of what, and how long it takes', () => {
  const result = estimateOf([...files(300, 1_000_000, (i) => `2024/${i}.jpg`), ['x.empty', 0]], halved)
  expect(estimateSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
  expect(result.found).toMatchObject({ files: 300, empty: 1 })
  expect(result.saved.value / result.found.bytes).toBeCloseTo(0.5, 4)
  expect(result.byType).toMatchObject([{ name: 'JPEG', files: 300, sampled: 40 }])
  expect(result.byPrefix).toMatchObject([{ name: '2024/', files: 300, sampled: 40 }])
  expect(result.outcomes).toEqual({ compressed: 300, kept: 0, skipped: 0, failed: 0 })
  // Twice as long as predicted: 2 s of a core each, over eight slots that work four fifths of the time.
  expect(result.coreSeconds.value).toBeCloseTo(600.1, 0)
  expect(result.duration.seconds.value).toBeCloseTo(result.coreSeconds.value / 6.4, 6)
})

test('counts what fails as not saved, with its code, and leaves out what could not be read', () => {
  const result = estimateOf(
    files(100, 10_000, (i) => `${i}.jpg`),
    (path, size) => {
      const number = Number.parseInt(path, 10)
      if (number % 2 === 0) return { kind: 'failed', code: 'truncated_input', cpuMs: 5 }
      return number % 5 === 0 ? { kind: 'unreadable' } : halved(path, size)
    },
  )
  expect(result.saved.value / result.found.bytes).toBeLessThan(0.35)
  expect(result.failures).toMatchObject([{ code: 'truncated_input' }])
  expect(result.sample.unreadable).toBeGreaterThan(0)
  expect(result.sample.files + result.sample.unreadable).toBe(40)
  expect(result.outcomes.failed + result.outcomes.compressed).toBe(100)
})

test('shows the best and the worst, none as both', () => {
  const result = estimateOf(
    files(12, 10_000, (i) => `${i}.jpg`),
    (path, size) => ({
      ...halved(path, size),
      kind: 'done',
      outcome: 'compressed',
      type: 'image/jpeg',
      cpuMs: 1,
      bytesOut: size - 100 * Number.parseInt(path, 10),
    }),
  )
  const names = (list: { path: string }[]) => list.map(({ path }) => path)
  expect(names(result.examples.best)).toEqual(['11.jpg', '10.jpg', '9.jpg', '8.jpg', '7.jpg'])
  expect(names(result.examples.worst)).toEqual(['0.jpg', '1.jpg', '2.jpg', '3.jpg', '4.jpg'])
})

test('of nothing says nothing, in numbers', () => {
  const result = estimateOf([], halved)
  expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  expect(result).toMatchObject({
    saved: { value: 0, low: 0, high: 0 },
    coreSeconds: { value: 0, low: 0, high: 0 },
    byType: [],
  })
})
