import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claimant, share } from './assigner.ts'

const claimants = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }).chain((ids) =>
  fc.tuple(
    ...ids.map((id) =>
      fc.record({
        id: fc.constant(id),
        partitions: fc.uniqueArray(fc.nat(30)),
        since: fc.nat(5),
      }),
    ),
  ),
)
const partitionsOf = (count: number) => Array.from({ length: count }, (_, i) => i)

function sizes(shares: Map<string, number[]>): number[] {
  return [...shares.values()].map((own) => own.length)
}

describe('share', () => {
  it('gives every partition to one member, as evenly as it comes out', () => {
    fc.assert(
      fc.property(claimants, fc.nat(30), (members, count) => {
        const shares = share(members, partitionsOf(count))
        expect([...shares.values()].flat().toSorted((a, b) => a - b)).toEqual(partitionsOf(count))
        expect(Math.max(...sizes(shares)) - Math.min(...sizes(shares))).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('decides the same whatever order members come in', () => {
    fc.assert(
      fc.property(claimants, fc.nat(30), (members, count) => {
        const forwards = share(members, partitionsOf(count))
        const backwards = share(members.toReversed(), partitionsOf(count))
        for (const [id, own] of forwards) expect(backwards.get(id)).toEqual(own)
      }),
    )
  })

  it('moves no more than a newcomer needs, and nothing when nobody comes or goes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(30), (count, partitions) => {
        const fresh = Array.from({ length: count }, (_, i) => ({ id: `m${i}`, partitions: [], since: 0 }))
        const settled = claimsOf(share(fresh, partitionsOf(partitions)))
        expect(claimsOf(share(settled, partitionsOf(partitions)))).toEqual(settled)

        const after = share([...settled, { id: 'new', partitions: [], since: 0 }], partitionsOf(partitions))
        for (const { id, partitions: before } of settled) {
          for (const partition of after.get(id) ?? []) expect(before).toContain(partition)
        }
        expect(after.get('new')).toHaveLength(Math.floor(partitions / (count + 1)))
      }),
    )
  })

  it('leaves to those who stay what they had when one goes', () => {
    const shares = share(
      [
        { id: 'a', partitions: [0, 1], since: 1 },
        { id: 'b', partitions: [2, 3], since: 1 },
      ],
      partitionsOf(6),
    )
    expect(shares.get('a')).toEqual([0, 1, 4])
    expect(shares.get('b')).toEqual([2, 3, 5])
  })

  it('believes the member that joined later when two claim the same', () => {
    const shares = share(
      [
        { id: 'frozen', partitions: [0, 1], since: 1 },
        { id: 'alive', partitions: [0, 1], since: 2 },
      ],
      [0, 1],
    )
    expect(sizes(shares)).toEqual([1, 1])
    expect(shares.get('alive')).toEqual([0])
  })
})

function claimsOf(shares: Map<string, number[]>): Claimant[] {
  return [...shares]
    .map(([id, partitions]) => ({ id, partitions, since: 0 }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
