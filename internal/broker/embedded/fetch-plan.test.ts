import { describe, expect, it } from 'vitest'
import { type FetchState, planFetch, takeAppended } from './fetch-plan.ts'

const partition = (number: number, state: Partial<FetchState> = {}): FetchState => ({
  partition: number,
  next: 0n,
  end: 1_000n,
  queued: 0,
  blocked: false,
  ...state,
})
const usual = { highWater: 64, meanBytes: 1_000 }

describe('the plan of the next page', () => {
  it('reads nothing when nothing lies ahead', () => {
    expect(planFetch([partition(0, { next: 1_000n })], usual)).toEqual([])
  })

  it('fills up to the high-water mark, evenly over the partitions that have more', () => {
    const partitions = [
      partition(0, { next: 7n }),
      partition(1, { next: 1_000n }),
      partition(2, { queued: 4 }),
    ]
    expect(planFetch(partitions, usual)).toEqual([
      { partition: 0, from: 7n, limit: 30 },
      { partition: 2, from: 0n, limit: 30 },
    ])
  })

  it('waits until half of the queue is gone', () => {
    expect(planFetch([partition(0, { queued: 33 })], usual)).toEqual([])
    expect(planFetch([partition(0, { queued: 32 })], usual)).toHaveLength(1)
  })

  it('takes pages of 500 records at most, smaller ones of larger records, at least one record', () => {
    const limit = (meanBytes: number) => planFetch([partition(0)], { highWater: 10_000, meanBytes })[0]?.limit
    expect(limit(0)).toBe(500)
    expect(limit(16_384)).toBe(64)
    expect(limit(50_000_000)).toBe(1)
  })

  it('does not let a partition that is blocked starve the others', () => {
    const partitions = [partition(0, { queued: 64, blocked: true }), partition(1)]
    expect(planFetch(partitions, usual)).toEqual([{ partition: 1, from: 0n, limit: 64 }])
  })

  it('reads on in a blocked partition that has nothing queued, for no one would ask again', () => {
    expect(planFetch([partition(0, { blocked: true })], usual)).toHaveLength(1)
  })
})

describe('what is appended', () => {
  const appended = (number: number, ...offsets: number[]) =>
    offsets.map((offset) => ({ partition: number, offset: BigInt(offset) }))

  it('is taken by who has read as far as that', () => {
    const records = [...appended(0, 7, 8), ...appended(1, 3)]
    const partitions = [partition(0, { next: 7n }), partition(1, { next: 3n })]
    expect(takeAppended(records, partitions, 64)).toEqual(records)
  })

  it('is left to be read where something before it was not read yet', () => {
    const records = [...appended(0, 7, 8), ...appended(1, 3)]
    const partitions = [partition(0, { next: 6n }), partition(1, { next: 3n })]
    expect(takeAppended(records, partitions, 64)).toEqual(appended(1, 3))
  })

  it('is not taken again when it was read before it was told of', () => {
    expect(takeAppended(appended(0, 7), [partition(0, { next: 8n })], 64)).toEqual([])
  })

  it('is taken up to the high-water mark, without gaps', () => {
    const partitions = [partition(0, { next: 7n, queued: 62 })]
    expect(takeAppended(appended(0, 7, 8, 9), partitions, 64)).toEqual(appended(0, 7, 8))
  })

  it('does not queue up behind a partition that is blocked', () => {
    const partitions = [partition(0, { next: 7n, queued: 64, blocked: true }), partition(1, { next: 3n })]
    expect(takeAppended([...appended(0, 7), ...appended(1, 3)], partitions, 64)).toEqual(appended(1, 3))
  })
})
