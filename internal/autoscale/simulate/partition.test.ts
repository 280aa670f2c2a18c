import { describe, expect, it } from 'vitest'
import { Partition } from './partition.ts'

function partitionOf(tasks: number): Partition {
  const partition = new Partition(0)
  for (let task = 0; task < tasks; task += 1) partition.append(task, 1)
  return partition
}

describe('Partition', () => {
  it('has as lag what is above the committed offset, also what is done out of order', () => {
    const partition = partitionOf(4)
    for (let i = 0; i < 4; i += 1) partition.take()
    partition.finish(1, 1)
    partition.finish(2, 1)
    expect(partition.lag).toBe(4)
    partition.commit()
    expect([partition.lag, partition.exactLag]).toEqual([4, 2])
    partition.finish(0, 1)
    partition.commit()
    expect([partition.lag, partition.exactLag]).toEqual([1, 1])
    expect(partition.openTasks()).toEqual([3])
    expect(partition.openSeconds).toBe(1)
  })

  it('hands out to its next owner what the last one had in work, and counts it once', () => {
    const partition = partitionOf(3)
    partition.take()
    partition.take()
    partition.assign(7, [0, 1])
    partition.finish(0, 1)
    expect([partition.take(), partition.take(), partition.take()]).toEqual([1, 2, undefined])
    expect(partition.finish(1, 1)).toBe(true)
    expect(partition.finish(1, 1)).toBe(false)
  })
})
