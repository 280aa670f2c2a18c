import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assign } from './assign.ts'

const counts = (owners: readonly (number | undefined)[], members: readonly number[]) =>
  members.map((member) => owners.filter((owner) => owner === member).length)

describe('assign', () => {
  it('shares evenly, every partition to a member, and moves no more than that takes', () => {
    const owners = fc.array(fc.option(fc.nat(9), { nil: undefined }), { minLength: 1, maxLength: 40 })
    const members = fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(owners, members, (before, group) => {
        const after = assign(before, group)
        const held = counts(after, group)
        expect(held.reduce((sum, count) => sum + count, 0)).toBe(before.length)
        expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1)
        // Whoever had no more than the least share keeps all of it.
        const least = Math.floor(before.length / group.length)
        group.forEach((member) => {
          const mine = before.flatMap((owner, i) => (owner === member ? [i] : []))
          const kept = mine.filter((i) => after[i] === member)
          expect(kept.length).toBeGreaterThanOrEqual(Math.min(mine.length, least))
        })
      }),
    )
  })

  it('leaves partitions to nobody when there is nobody', () => {
    expect(assign([1, undefined], [])).toEqual([undefined, undefined])
  })
})
