import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { type Arrival, type Memory, nothingRemembered, type Settings, type Snapshot } from './snapshot.ts'

const seconds = (max: number) => fc.double({ min: 0, max, noNaN: true })

const arrival: fc.Arbitrary<Arrival> = fc.record({
  mean: seconds(100),
  sigma: seconds(20),
  recent: seconds(200),
})

const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  at: fc.constant(1_000_000),
  lag: fc.array(fc.nat(5000), { minLength: 1, maxLength: 40 }),
  releasedSeconds: seconds(10_000),
  unreleasedSeconds: seconds(10_000),
  openTasks: fc.integer({ min: 1, max: 100_000 }),
  arrival,
  serviceP95Seconds: seconds(100),
  replicas: fc.nat(60),
  ageMs: fc.option(fc.nat(60_000), { nil: undefined }),
  throttled: fc.boolean(),
  degraded: fc.boolean(),
})

const policies: fc.Arbitrary<Settings> = fc
  .record({
    minReplicas: fc.nat(5),
    more: fc.nat(45),
    targetDrainSeconds: fc.integer({ min: 10, max: 600 }),
    scaleDownStabilizationSeconds: fc.nat(600),
    suspended: fc.constant(false),
    slots: fc.integer({ min: 1, max: 16 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    startSeconds: seconds(60),
  })
  .map(({ more, share, ...rest }) => ({
    ...rest,
    maxReplicas: Math.max(1, rest.minReplicas + more),
    slotsPerPartition: Math.max(1, Math.round(rest.slots * share)),
  }))

const memories: fc.Arbitrary<Memory> = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 1_000_000 }), replicas: fc.nat(60) }), { maxLength: 20 })
  .map((needs) => ({ ...nothingRemembered, needs }))

const fresh = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  ageMs: 1000,
  throttled: false,
  degraded: false,
})

describe('the decision, whatever is seen', () => {
  it('lies between the least and the most, and on fresh figures never above the most', () => {
    fc.assert(
      fc.property(snapshots, policies, memories, (seen, settings, memory) => {
        const { replicas } = decide(seen, settings, memory)
        expect(Number.isInteger(replicas)).toBe(true)
        expect(replicas).toBeGreaterThanOrEqual(settings.minReplicas)
        // On old figures what is there is held, also when it is more than a limit that was lowered just now.
        const most = decide(fresh(seen), settings, memory).replicas
        expect(most).toBeLessThanOrEqual(settings.maxReplicas)
      }),
    )
  })

  it('is never lower for more work', () => {
    fc.assert(
      fc.property(
        snapshots,
        policies,
        memories,
        seconds(10_000),
        seconds(50),
        (seen, settings, memory, work, rate) => {
          const less = fresh(seen)
          const { mean, sigma, recent } = less.arrival
          const more = {
            ...less,
            releasedSeconds: less.releasedSeconds + work,
            arrival: { sigma, mean: mean + rate, recent: recent + rate },
          }
          expect(decide(more, settings, memory).replicas).toBeGreaterThanOrEqual(
            decide(less, settings, memory).replicas,
          )
        },
      ),
    )
  })

  it('never goes down on old figures', () => {
    fc.assert(
      fc.property(snapshots, policies, memories, (seen, settings, memory) => {
        const { replicas } = decide({ ...seen, ageMs: 30_001 }, settings, memory)
        expect(replicas).toBe(Math.max(seen.replicas, settings.minReplicas))
      }),
    )
  })

  it('does not go up where more pods would not help', () => {
    fc.assert(
      fc.property(snapshots, policies, memories, (seen, settings, memory) => {
        const floor = Math.max(seen.replicas, settings.minReplicas)
        const held = decide({ ...fresh(seen), degraded: true }, settings, memory)
        expect(held.replicas).toBeLessThanOrEqual(floor)
        const usable = Math.ceil((seen.lag.length * settings.slotsPerPartition) / settings.slots)
        const free = decide(fresh(seen), settings, memory)
        expect(free.replicas).toBeLessThanOrEqual(Math.max(floor, usable))
      }),
    )
  })

  it('holds on figures that contradict each other', () => {
    const contradictions: ((seen: Snapshot) => Snapshot)[] = [
      (seen) => ({ ...seen, lag: [...seen.lag, -1] }),
      (seen) => ({ ...seen, lag: [...seen.lag, 1], openTasks: 0 }),
      (seen) => ({ ...seen, lag: [] }),
      (seen) => ({ ...seen, releasedSeconds: Number.NaN }),
      (seen) => ({ ...seen, unreleasedSeconds: Number.POSITIVE_INFINITY }),
      (seen) => ({ ...seen, arrival: { ...seen.arrival, recent: -1 } }),
    ]
    fc.assert(
      fc.property(
        snapshots,
        policies,
        memories,
        fc.constantFrom(...contradictions),
        (seen, settings, memory, spoil) => {
          const decision = decide(spoil(fresh(seen)), settings, memory)
          expect(decision.reason).toBe('Contradictory')
          expect(decision.replicas).toBe(Math.max(seen.replicas, settings.minReplicas))
          expect(decision.memory).toBe(memory)
        },
      ),
    )
  })

  it('gives what waits no more than one slot a task, whatever their work is said to be', () => {
    fc.assert(
      fc.property(snapshots, policies, seconds(1e12), (seen, settings, work) => {
        const quiet = { mean: 0, sigma: 0, recent: 0 }
        const wild = { ...fresh(seen), arrival: quiet, releasedSeconds: work, replicas: 0 }
        const records = seen.lag.reduce((sum, one) => sum + one, 0)
        const tasks = Math.max(records, seen.openTasks)
        const usable = Math.max(1, Math.ceil(tasks / settings.slots))
        const { replicas } = decide(wild, settings, nothingRemembered)
        expect(replicas).toBeLessThanOrEqual(Math.max(settings.minReplicas, usable))
      }),
    )
  })

  it('forgets one bad sample with the stabilisation, and takes no pod away for one', () => {
    fc.assert(
      fc.property(
        snapshots,
        policies,
        fc.double({ min: 0, max: 1000, noNaN: true }),
        (seen, given, factor) => {
          const settings = { ...given, scaleDownStabilizationSeconds: 180 }
          const spoiled = (one: Snapshot) => ({
            ...one,
            releasedSeconds: one.releasedSeconds * factor,
            unreleasedSeconds: one.unreleasedSeconds * factor,
          })
          const play = (bad: (seen: Snapshot) => Snapshot) => {
            let { replicas } = seen
            let memory = nothingRemembered
            return Array.from({ length: 120 }, (_, i) => {
              const one = { ...fresh(seen), at: i * 5000, replicas }
              const decision = decide(i === 60 ? bad(one) : one, settings, memory)
              replicas = decision.replicas
              memory = decision.memory
              return replicas
            })
          }
          const [right, wrong] = [play((one) => one), play(spoiled)]
          wrong.forEach((replicas, i) => {
            expect(replicas).toBeGreaterThanOrEqual(right[i] ?? 0)
          })
          // Three minutes and a tick later there is nothing left but what the dead band lets be.
          const most = Math.max(...right, 1) * 1.15 + 1
          expect(wrong.at(-1)).toBeLessThanOrEqual(most)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('settles under constant load and then stays', () => {
    fc.assert(
      fc.property(snapshots, policies, (seen, settings) => {
        let { replicas } = seen
        let memory = nothingRemembered
        const changes: number[] = []
        for (let at = 0; at <= 1_800_000; at += 5000) {
          const decision = decide({ ...fresh(seen), at, replicas }, settings, memory)
          if (decision.replicas !== replicas) changes.push(at)
          replicas = decision.replicas
          memory = decision.memory
        }
        // Up or down once; and once more down when the stabilisation is over.
        expect(changes.length).toBeLessThanOrEqual(2)
        expect(changes.at(-1) ?? 0).toBeLessThanOrEqual(settings.scaleDownStabilizationSeconds * 1000 + 5000)
      }),
      { numRuns: 50 },
    )
  })

  it('explains itself in one sentence', () => {
    fc.assert(
      fc.property(snapshots, policies, memories, (seen, settings, memory) => {
        const { sentence, terms } = decide(seen, settings, memory)
        expect(sentence).toMatch(/^[A-Z0-9][^?]*\.$/)
        expect(sentence).not.toMatch(/NaN|undefined|Infinity/)
        for (const term of Object.values(terms)) expect(term).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
