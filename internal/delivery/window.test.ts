import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'
import { roomIn, spreadOver } from './window.ts'

const policy = { costLimit: 1_000, minTasks: 10 }

describe('the window of released work', () => {
  test.each([
    ['nothing is released', [], { tasks: 10, cost: Number.MAX_SAFE_INTEGER }],
    [
      'few tasks are released, however dear',
      [{ partition: 0, tasks: 4, cost: 50_000 }],
      { tasks: 6, cost: Number.MAX_SAFE_INTEGER },
    ],
    ['many cheap tasks are released', [{ partition: 0, tasks: 50, cost: 400 }], { tasks: 10, cost: 600 }],
  ])('has room when %s', (_, open, room) => {
    expect(roomIn(open, policy)).toEqual(room)
  })

  test('is full when enough tasks and enough cost are released, over all partitions', () => {
    const open = [
      { partition: 0, tasks: 6, cost: 600 },
      { partition: 1, tasks: 6, cost: 600 },
    ]
    expect(roomIn(open, policy)).toBeUndefined()
  })
})

describe('spreading tasks over partitions', () => {
  test('fills the partition with the least open cost first', () => {
    const open = [{ partition: 0, tasks: 1, cost: 100 }]
    const placed = spreadOver([{ cost: 60 }, { cost: 60 }, { cost: 1 }], 2, open)
    expect(placed.map((t) => t.partition)).toEqual([1, 1, 0])
  })

  test('never leaves two partitions further apart than the dearest task', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ cost: fc.integer({ min: 0, max: 500 }) }), { minLength: 1 }),
        fc.integer({ min: 1, max: 8 }),
        (tasks, partitions) => {
          const load = new Array<number>(partitions).fill(0)
          for (const t of spreadOver(tasks, partitions, [])) {
            load[t.partition] = (load[t.partition] ?? 0) + Math.max(1, t.cost)
          }
          const dearest = Math.max(1, ...tasks.map((t) => t.cost))
          expect(Math.max(...load) - Math.min(...load)).toBeLessThanOrEqual(dearest)
        },
      ),
    )
  })
})

describe('back-off', () => {
  const backoff = { initialBackoffMs: 1_000, maxBackoffMs: 300_000 }

  test('doubles up to its maximum', () => {
    const waits = [1, 2, 3, 9, 10, 60].map((n) => backoffMs(n, backoff, () => 1))
    expect(waits).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000])
  })

  test('takes half of the wait by chance', () => {
    expect(backoffMs(1, backoff, () => 0)).toBe(500)
    expect(backoffMs(1, backoff, () => 0.5)).toBe(750)
  })
})
