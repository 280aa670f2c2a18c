import { describe, expect, it } from 'vitest'
import { overgrown, residentBytes } from './memory.ts'

const modest = { rss: 100, predicted: 100 }
const greedy = { rss: 150, predicted: 100 }

describe('overgrown', () => {
  it.each([
    ['nobody works', [], 100, undefined],
    ['there is room', [modest, greedy], 1000, undefined],
    ['exactly at the line', [modest, greedy], 312.5, undefined],
    ['over the line: the one that exceeds its prediction most', [modest, greedy], 312, greedy],
    ['everyone is as predicted: still one of them', [modest, modest], 100, modest],
    ['nothing is left at all', [modest], -5, modest],
  ])('when %s', (_, working, available, expected) => {
    expect(overgrown(working, available)).toBe(expected)
  })
})

describe('residentBytes', () => {
  it.runIf(process.platform === 'linux')(
    "is what the kernel says of a process, and undefined when it's gone",
    () => {
      const own = residentBytes(process.pid) ?? 0
      expect(own / process.memoryUsage.rss()).toBeCloseTo(1, 0)
      expect(residentBytes(2 ** 30)).toBeUndefined()
    },
  )
})
