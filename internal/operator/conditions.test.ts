import { describe, expect, it } from 'vitest'
import { isNews, judged, transitions } from './conditions.ts'

const now = new Date('2030-01-01T00:00:00Z')
const later = new Date('2030-01-01T01:00:00Z')
const ready = (status: boolean, reason = 'R', message = 'm') =>
  ({ type: 'Ready', status, reason, message }) as const

describe('judged', () => {
  const first = judged(undefined, [ready(true)], { now, generation: 1 })

  it('says since when a condition holds, and of which generation', () => {
    expect(first).toEqual([
      {
        type: 'Ready',
        status: 'True',
        reason: 'R',
        message: 'm',
        lastTransitionTime: '2030-01-01T00:00:00.000Z',
        observedGeneration: 1,
      },
    ])
  })

  it('keeps the time when only the words change, and takes the new one when the status does', () => {
    const [same] = judged(first, [ready(true, 'Other', 'n')], { now: later, generation: 2 })
    expect(same).toMatchObject({ reason: 'Other', lastTransitionTime: '2030-01-01T00:00:00.000Z' })
    const [turned] = judged(first, [ready(false)], { now: later, generation: 2 })
    expect(turned).toMatchObject({ status: 'False', lastTransitionTime: '2030-01-01T01:00:00.000Z' })
  })

  it('leaves conditions alone that nothing is said of', () => {
    const both = judged(first, [{ ...ready(true), type: 'Degraded', status: undefined }], {
      now: later,
      generation: 2,
    })
    expect(both.map(({ type, status }) => `${type} ${status}`)).toEqual(['Ready True', 'Degraded Unknown'])
  })
})

describe('transitions', () => {
  const before = judged(undefined, [ready(true)], { now, generation: 1 })

  it.each([
    ['a new condition', undefined, ready(true), 1],
    ['another status', before, ready(false), 1],
    ['another reason', before, ready(true, 'Other'), 1],
    ['other words', before, ready(true, 'R', 'n'), 0],
    ['the same', before, ready(true), 0],
  ])('are told for %s: %o', (_, old, judgement, count) => {
    expect(transitions(old, judged(old, [judgement], { now: later, generation: 2 }))).toHaveLength(count)
  })
})

describe('isNews', () => {
  const known = judged(undefined, [{ ...ready(true), type: 'Degraded' }], { now, generation: 1 })

  it.each([
    ['that a job is in place', ready(true), undefined, true],
    ['that nothing is wrong, at first', { ...ready(false), type: 'Degraded' }, undefined, false],
    ['that something is wrong', { ...ready(true), type: 'Degraded' }, undefined, true],
    ['that nothing is wrong any more', { ...ready(false), type: 'Degraded' }, known, true],
    ['that there are more pods', { ...ready(true, 'ScaleUp'), type: 'ScalingActive' }, undefined, true],
    ['that there are as many as before', { ...ready(true, 'Steady'), type: 'ScalingActive' }, known, false],
  ] as const)('says of "%s": %o', (_, judgement, before, expected) => {
    const [condition] = judged(undefined, [judgement], { now, generation: 1 })
    expect(condition && isNews(condition, before)).toBe(expected)
  })
})
