import { expect, test } from 'vitest'
import { byFolder } from './folders.ts'
import { sumOf } from './ratio.ts'

interface Seen {
  folder: string
  size: number
  saved: number
}

function stratumOf(folders: Record<string, number>, observed: Seen[]) {
  const files = Object.values(folders).reduce((sum, count) => sum + count, 0)
  const pairs = observed.map(({ size, saved }) => ({ x: size, y: saved }))
  return {
    sum: sumOf({ files, total: files * 1000, pairs }, 0),
    folders: new Map(
      Object.entries(folders).map(([name, count]) => [name, { files: count, bytes: count * 1000 }]),
    ),
    observed,
  }
}

const seen = (folder: string, count: number, saved: (i: number) => number): Seen[] =>
  Array.from({ length: count }, (_, i) => ({ folder, size: 1000, saved: saved(i) }))
/** Around a share, by a little. */
const about = (share: number) => (i: number) => 1000 * share + (i % 2 === 0 ? 50 : -50)

test('a folder nobody looked into takes the ratio of its stratum', () => {
  const result = byFolder([
    stratumOf({ 'a/': 500, 'b/': 500, 'c/': 10 }, [
      ...seen('a/', 10, about(0.4)),
      ...seen('b/', 10, about(0.4)),
    ]),
  ])
  expect(result.get('c/')?.value).toBeCloseTo(4000, 0)
  expect(result.get('c/')?.low).toBeLessThan(3500)
})

test('folders that differ are told apart, as far as enough was seen of them', () => {
  const observed = [...seen('a/', 30, about(0.2)), ...seen('b/', 30, about(0.8)), ...seen('c/', 1, () => 900)]
  const result = byFolder([stratumOf({ 'a/': 500, 'b/': 500, 'c/': 500 }, observed)])
  expect(result.get('a/')?.value).toBeGreaterThan(90_000)
  expect(result.get('a/')?.value).toBeLessThan(130_000)
  expect(result.get('b/')?.value).toBeGreaterThan(370_000)
  const width = (name: string) => (result.get(name)?.high ?? 0) - (result.get(name)?.low ?? 0)
  expect(width('c/')).toBeGreaterThan(2 * width('a/'))
})

test('a folder that was looked at completely is known', () => {
  const result = byFolder([
    stratumOf({ 'a/': 2, 'b/': 1 }, [...seen('a/', 2, () => 300), ...seen('b/', 1, () => 0)]),
  ])
  expect(result.get('a/')).toEqual({ value: 600, low: 600, high: 600 })
  expect(result.get('b/')).toEqual({ value: 0, low: 0, high: 0 })
})
