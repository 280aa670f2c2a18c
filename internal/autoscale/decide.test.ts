import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { settings, snapshot } from './snapshot.fixture.ts'
import { type Memory, nothingRemembered, type Settings, type Snapshot } from './snapshot.ts'

const twelve = Array.from({ length: 12 }, () => 100)
/** Needs 20 slots: 5 pods. */
const busy: Partial<Snapshot> = { lag: twelve, releasedSeconds: 1000, openTasks: 1200 }
const needed = (replicas: number, at: number): Memory => ({ ...nothingRemembered, needs: [{ at, replicas }] })

interface Case {
  seen?: Partial<Snapshot>
  set?: Partial<Settings>
  memory?: Memory
  replicas: number
  reason: string
  sentence: string | RegExp
}

const cases: [string, Case][] = [
  [
    'goes from none straight to what is needed',
    {
      seen: busy,
      replicas: 5,
      reason: 'ScaleUp',
      sentence: 'Up from 0 to 5 pods: 1000 s of work are waiting, which takes 20 slots at 4 a pod.',
    },
  ],
  [
    'counts pods that are on their way',
    { seen: { ...busy, replicas: 5 }, replicas: 5, reason: 'Steady', sentence: /^5 pods as before/ },
  ],
  [
    'stays at the most allowed, and says so',
    {
      seen: { ...busy, replicas: 1 },
      set: { maxReplicas: 3 },
      replicas: 3,
      reason: 'AtMaximum',
      sentence: /^Up from 1 to 3 pods, the most allowed/,
    },
  ],
  [
    'keeps the fewest allowed when nothing is open',
    {
      seen: { replicas: 2 },
      set: { minReplicas: 2 },
      replicas: 2,
      reason: 'AtMinimum',
      sentence: /fewest allowed/,
    },
  ],
  [
    'lets a little too much work be',
    {
      seen: { ...busy, releasedSeconds: 1140, replicas: 5 },
      replicas: 5,
      reason: 'WithinTolerance',
      sentence: /little more than there is/,
    },
  ],
  [
    'does not let it be when there is no pod at all',
    {
      seen: { lag: [1, 0], releasedSeconds: 0.1, openTasks: 1 },
      replicas: 1,
      reason: 'ScaleUp',
      sentence: /^Up/,
    },
  ],
  [
    'takes nothing away as long as it was needed a moment ago',
    {
      seen: { ...busy, at: 100_000, replicas: 9 },
      memory: needed(9, 0),
      replicas: 9,
      reason: 'Stabilizing',
      sentence: 'Still 9 pods: 5 would do now, but 9 were needed a moment ago.',
    },
  ],
  [
    'goes down to the most that was needed since',
    {
      seen: { ...busy, at: 200_000, replicas: 9 },
      memory: { ...nothingRemembered, needs: [...needed(9, 0).needs, ...needed(7, 100_000).needs] },
      replicas: 7,
      reason: 'ScaleDown',
      sentence: /^Down from 9 to 7 pods/,
    },
  ],
  [
    'keeps a last pod for two minutes after the last work',
    {
      seen: { at: 300_000, replicas: 1 },
      memory: { ...nothingRemembered, idleSince: 181_000 },
      replicas: 1,
      reason: 'Steady',
      sentence: /^1 pod as before/,
    },
  ],
  [
    'and then lets it go',
    {
      seen: { at: 302_000, replicas: 1 },
      memory: { ...nothingRemembered, idleSince: 181_000 },
      replicas: 0,
      reason: 'ToZero',
      sentence: 'Down from 1 to none: nothing has been open for a while.',
    },
  ],
  [
    'lets it go then whatever was needed before',
    {
      seen: { at: 302_000, replicas: 4 },
      set: { scaleDownStabilizationSeconds: 3_600 },
      memory: { ...needed(4, 181_000), idleSince: 181_000 },
      replicas: 0,
      reason: 'ToZero',
      sentence: /nothing has been open/,
    },
  ],
  [
    'counts from the last open work, also while what arrived lately is still a need',
    {
      seen: { at: 200_000, replicas: 1, arrival: { mean: 0.1, sigma: 0, recent: 0 } },
      memory: { ...nothingRemembered, idleSince: 79_000 },
      replicas: 0,
      reason: 'ToZero',
      sentence: /nothing has been open/,
    },
  ],
  [
    'has none while suspended',
    {
      seen: { ...busy, replicas: 5 },
      set: { suspended: true, minReplicas: 1 },
      replicas: 0,
      reason: 'Suspended',
      sentence: /suspended/,
    },
  ],
  [
    'obeys a number somebody wrote',
    {
      seen: { ...busy, replicas: 5 },
      set: { replicas: 12 },
      replicas: 12,
      reason: 'Fixed',
      sentence: '12 pods because spec.scaling.replicas says so.',
    },
  ],
  [
    'holds on old figures',
    {
      seen: { replicas: 6, ageMs: 31_000 },
      replicas: 6,
      reason: 'StaleData',
      sentence: 'Holding at 6 pods: the figures are 31 s old, and nothing is decided on old figures.',
    },
  ],
  [
    'holds when nothing can be read',
    { seen: { replicas: 6, ageMs: undefined }, replicas: 6, reason: 'StaleData', sentence: /cannot be read/ },
  ],
  [
    'holds on lag that no task stands for',
    {
      seen: { lag: [7, 0], replicas: 6 },
      replicas: 6,
      reason: 'Contradictory',
      sentence: /does not go together/,
    },
  ],
  [
    'holds on a lag below zero',
    {
      seen: { lag: [-1, 0], openTasks: 3, replicas: 6 },
      replicas: 6,
      reason: 'Contradictory',
      sentence: /^Holding/,
    },
  ],
  [
    'does not climb while a store slows the workers down',
    {
      seen: { ...busy, throttled: true, replicas: 2 },
      replicas: 2,
      reason: 'Throttled',
      sentence: /store slows/,
    },
  ],
  [
    'does not climb while limits hold the workers back',
    {
      seen: { ...busy, limited: true, replicas: 2 },
      replicas: 2,
      reason: 'Limited',
      sentence: 'Still 2 pods: spec.limits hold the workers back, and more of them would share the same.',
    },
  ],
  [
    'does not climb while something does not answer',
    {
      seen: { ...busy, degraded: true, replicas: 2 },
      replicas: 2,
      reason: 'Degraded',
      sentence: /does not answer/,
    },
  ],
  [
    'does not climb over what the partitions can use',
    {
      seen: { lag: [500, 500], releasedSeconds: 9000, openTasks: 1000, replicas: 2 },
      replicas: 2,
      reason: 'PartitionBound',
      sentence:
        'Still 2 pods: every one of the 2 partitions has all the slots it can use; more pods would idle.',
    },
  ],
  [
    'comes down at once to a new limit',
    {
      seen: { ...busy, replicas: 8 },
      set: { maxReplicas: 4 },
      memory: needed(8, 0),
      replicas: 4,
      reason: 'ScaleDown',
      sentence: /^Down/,
    },
  ],
  [
    'uses the fewest that finish in time',
    {
      seen: {
        lag: twelve,
        openTasks: 1200,
        finite: { remainingSeconds: 36_000, deadlineAt: 3_608_000, pace: 1 },
      },
      replicas: 3,
      reason: 'ScaleUp',
      sentence: /^Up from 0 to 3 pods: 36000 s of work are waiting, which takes 10 slots/,
    },
  ],
]

describe('decide', () => {
  it.each(cases)(
    '%s',
    (_, { seen = {}, set = {}, memory = nothingRemembered, replicas, reason, sentence }) => {
      const decision = decide(snapshot(seen), settings(set), memory)
      expect(decision).toMatchObject({ replicas, reason })
      expect(decision.sentence).toMatch(sentence)
    },
  )

  it('says every number behind it', () => {
    const { terms } = decide(snapshot(busy), settings(), nothingRemembered)
    expect(terms).toEqual({
      current: 0,
      records: 1200,
      openTasks: 1200,
      partitions: 12,
      work: 1000,
      arrival: 0,
      drain: 50,
      hot: 0,
      bound: 0,
      serviceP95: 2,
      need: expect.closeTo(20, 9),
      slots: 4,
      pods: 5,
      wanted: 5,
      highest: 5,
      replicas: 5,
      minReplicas: 0,
      maxReplicas: 10,
    })
  })

  it('forgets what lies before the stabilisation, so that its memory stays small', () => {
    let memory = nothingRemembered
    for (let at = 0; at < 3_600_000; at += 5000) memory = decide(snapshot({ at }), settings(), memory).memory
    expect(memory.needs.length).toBeLessThanOrEqual(180 / 5 + 1)
  })
})
