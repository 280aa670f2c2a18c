import { describe, expect, it } from 'vitest'
import { arrivalRate, finiteNeed, podsFor, streamNeed } from './need.ts'
import { settings, snapshot } from './snapshot.fixture.ts'

describe('arrivalRate', () => {
  it.each([
    ['the mean of two minutes as a rule', { mean: 4, sigma: 1, recent: 5.5 }, 4],
    ['the last half minute when it stands out', { mean: 4, sigma: 1, recent: 5.6 }, 5.6],
    ['the mean also when less arrives now', { mean: 4, sigma: 1, recent: 0 }, 4],
  ])('is %s', (_, arrival, expected) => {
    expect(arrivalRate(arrival)).toBe(expected)
  })
})

describe('streamNeed', () => {
  it.each([
    // 60 s target less 2 s of service and 8 s to start: 50 s for what waits.
    ['what waits over the time it may take', { lag: [10, 10], releasedSeconds: 100, openTasks: 20 }, 2],
    [
      'what arrives over the share of time that slots are busy',
      { arrival: { mean: 1.8, sigma: 0, recent: 1.8 } },
      2,
    ],
    ['no more slots than tasks for what waits', { lag: [2, 0], releasedSeconds: 900, openTasks: 2 }, 2],
    ['what is not released yet as well', { lag: [0, 0], unreleasedSeconds: 150, openTasks: 9 }, 3],
    [
      'no more of a partition than its slots can do',
      { lag: [99, 0], releasedSeconds: 5000, openTasks: 99 },
      4,
    ],
  ])('counts %s', (_, seen, expected) => {
    const need = streamNeed(snapshot(seen), settings({ slotsPerPartition: 4 }), new Map())
    expect(need.slots).toBeCloseTo(expected)
  })

  it('calls a partition hot once it has had too much for half a minute', () => {
    const seen = { lag: [100, 1], releasedSeconds: 2000, openTasks: 101 }
    const first = streamNeed(snapshot({ ...seen, at: 0 }), settings(), new Map())
    expect(first.hot).toBe(0)
    const later = streamNeed(snapshot({ ...seen, at: 30_000 }), settings(), first.hotSince)
    expect(later.hot).toBe(1)
    expect(streamNeed(snapshot({ at: 31_000 }), settings(), later.hotSince).hotSince.size).toBe(0)
  })

  it('keeps a part of the target for the work, however slow everything else is', () => {
    expect(streamNeed(snapshot({ serviceP95Seconds: 500 }), settings(), new Map()).drain).toBe(15)
  })
})

describe('finiteNeed', () => {
  const finite = { remainingSeconds: 36_000, deadlineAt: 3_608_000, pace: 1 }
  const seen = snapshot({ at: 0, lag: Array.from({ length: 20 }, () => 50), openTasks: 1000 })
  const { slots } = finiteNeed(seen, settings(), finite)

  it('is what finishes in time', () => {
    expect(slots).toBeCloseTo(10)
  })

  it('goes by the pace that was measured', () => {
    expect(finiteNeed(seen, settings(), { ...finite, pace: 0.5 }).slots).toBeCloseTo(20)
  })

  it.each([
    ['there is no deadline', { remainingSeconds: 100, pace: 1 }],
    ['the deadline has passed', { remainingSeconds: 100, pace: 1, deadlineAt: -1 }],
  ])('is all that can be used when %s', (_, progress) => {
    expect(finiteNeed(seen, settings(), progress).slots).toBe(80)
    expect(finiteNeed({ ...seen, openTasks: 7 }, settings(), progress).slots).toBe(7)
  })
})

describe('podsFor', () => {
  it.each([
    [0, 24, 0],
    [0.1, 24, 1],
    [8, 24, 2],
    [8.1, 24, 3],
  ])('%f slots over %i partitions are %i pods', (need, partitions, pods) => {
    expect(podsFor(need, partitions, settings({ slots: 4, slotsPerPartition: 4 }))).toBe(pods)
  })

  it.each([
    // 24 partitions over 13 pods leave 2 in the fullest, as 12 pods do.
    [13, 12],
    [12, 12],
    [9, 8],
    [24, 24],
  ])('leaves out pods that would idle where a partition feeds one slot: %i become %i', (need, pods) => {
    expect(podsFor(need, 24, settings({ slots: 1, slotsPerPartition: 1 }))).toBe(pods)
  })
})
