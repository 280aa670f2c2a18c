import { describe, expect, it } from 'vitest'
import { held, type LeaseSpec, mayHold, microTime, observed, released } from './lease.ts'

const spec: LeaseSpec = {
  holder: 'a',
  durationSeconds: 15,
  acquireTime: '2030-01-01T00:00:00.000000Z',
  renewTime: '2030-01-01T00:00:10.000000Z',
  transitions: 3,
}
const time = new Date('2030-01-01T00:01:00.123Z')

describe('mayHold', () => {
  it.each([
    ['when there is no lease', undefined, 'b', 0, true],
    ['when it was given back', { spec: { ...spec, holder: '' }, since: 0 }, 'b', 1, true],
    ['the holder', { spec, since: 0 }, 'a', 1_000_000, true],
    ['nobody else as long as it is fresh', { spec, since: 1000 }, 'b', 15_999, false],
    ['anybody once it has not changed for its duration', { spec, since: 1000 }, 'b', 16_000, true],
  ])('lets %s', (_, seen, me, now, expected) => {
    expect(mayHold(seen, me, now)).toBe(expected)
  })
})

describe('observed', () => {
  it('counts from when we saw the lease change, not from what its clock says', () => {
    const first = observed(undefined, spec, 100)
    expect(first).toEqual({ spec, since: 100 })
    expect(observed(first, spec, 900)).toEqual({ spec, since: 100 })
    const renewed = { ...spec, renewTime: '2030-01-01T00:00:12.000000Z' }
    expect(observed(first, renewed, 900)).toEqual({ spec: renewed, since: 900 })
  })

  it('forgets a lease that was deleted', () => {
    expect(observed({ spec, since: 100 }, undefined, 900)).toBeUndefined()
  })
})

describe('held', () => {
  const by = (me: string, from: LeaseSpec | undefined) => held(from, me, { durationSeconds: 15, time })

  it('renews without a transition', () => {
    expect(by('a', spec)).toEqual({ ...spec, renewTime: '2030-01-01T00:01:00.123000Z' })
  })

  it('counts a transition when it changes hands', () => {
    expect(by('b', spec)).toMatchObject({
      holder: 'b',
      transitions: 4,
      acquireTime: '2030-01-01T00:01:00.123000Z',
    })
  })

  it('starts at no transition', () => {
    expect(by('b', undefined).transitions).toBe(0)
  })
})

describe('released', () => {
  it('leaves a lease that anybody may take', () => {
    expect(mayHold({ spec: released(spec, time), since: 0 }, 'b', 0)).toBe(true)
  })
})

describe('microTime', () => {
  it('has the six digits the API insists on', () => {
    expect(microTime(time)).toBe('2030-01-01T00:01:00.123000Z')
  })
})
