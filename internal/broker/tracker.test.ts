import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxMetadataBytes } from './commit-metadata.ts'
import { type Commit, createTracker } from './tracker.ts'

const fresh: Commit = { position: 0n, metadata: '' }

function addUpTo(tracker: ReturnType<typeof createTracker>, end: bigint): void {
  for (let offset = tracker.position; offset < end; offset += 1n) tracker.add(offset)
}

/** Every second record done, the others started: the worst pattern there is, as far as the tracker lets it grow. */
function crowded() {
  const tracker = createTracker(fresh)
  const inHand: bigint[] = []
  for (let offset = 0n; tracker.fits(inHand.length + 1); offset += 2n) {
    tracker.add(offset)
    tracker.add(offset + 1n)
    tracker.done(offset + 1n)
    tracker.start(offset)
    inHand.push(offset)
  }
  return { tracker, inHand }
}

describe('offset tracker', () => {
  it('moves its position over what is done without a gap', () => {
    const tracker = createTracker(fresh)
    addUpTo(tracker, 5n)
    tracker.done(1n)
    tracker.done(2n)
    expect(tracker.position).toBe(0n)
    tracker.done(0n)
    expect(tracker.position).toBe(3n)
    tracker.done(4n)
    tracker.done(3n)
    expect(tracker.commit()).toEqual({ position: 5n, metadata: '' })
  })

  it('hands out what a predecessor left undone and skips what it did', () => {
    const first = createTracker({ position: 100n, metadata: '' })
    addUpTo(first, 106n)
    for (const offset of [101n, 102n, 104n]) first.done(offset)
    const second = createTracker(first.commit())
    const handedOut = [100n, 101n, 102n, 103n, 104n, 105n, 106n].filter((offset) => second.add(offset))
    expect(handedOut).toEqual([100n, 103n, 105n, 106n])
  })

  it('does not hand out twice what is in hand, when the log is read again from an earlier offset', () => {
    const tracker = createTracker(fresh)
    addUpTo(tracker, 3n)
    tracker.done(1n)
    expect([0n, 1n, 2n].map((offset) => tracker.add(offset))).toEqual([false, false, false])
    expect(tracker.add(3n)).toBe(true)
  })

  it('counts offsets that are missing in the log as done', () => {
    const tracker = createTracker({ position: 10n, metadata: '' })
    expect(tracker.add(15n)).toBe(true)
    expect(tracker.position).toBe(15n)
    expect(tracker.add(20n)).toBe(true)
    tracker.done(15n)
    expect(tracker.position).toBe(20n)
  })

  it('does not fall back when the log skips offsets below what the predecessor had done', () => {
    const first = createTracker(fresh)
    addUpTo(first, 10n)
    for (const offset of [1n, 2n, 3n, 4n]) first.done(offset)
    const second = createTracker(first.commit())
    second.add(0n)
    second.done(0n)
    expect(second.position).toBe(5n)
    second.add(3n)
    expect(second.position).toBe(5n)
    expect(second.add(5n)).toBe(true)
  })

  it('counts starts across restarts until the record is done', () => {
    let commit = fresh
    for (const before of [0, 1, 2]) {
      const tracker = createTracker(commit)
      tracker.add(0n)
      tracker.add(1n)
      expect(tracker.starts(1n)).toBe(before)
      tracker.start(1n)
      commit = tracker.commit()
    }
    const tracker = createTracker(commit)
    tracker.add(0n)
    tracker.add(1n)
    expect([tracker.starts(0n), tracker.starts(1n)]).toEqual([0, 3])
    tracker.done(1n)
    expect(createTracker(tracker.commit()).starts(1n)).toBe(0)
  })

  it('saturates the count of starts instead of outgrowing its digit', () => {
    const tracker = createTracker(fresh)
    tracker.add(0n)
    for (let i = 0; i < 100; i += 1) tracker.start(0n)
    expect(createTracker(tracker.commit()).starts(0n)).toBe(35)
  })

  it('refuses more work before the metadata overflows, and fits again when the gaps close', () => {
    const { tracker, inHand } = crowded()
    expect(inHand.length).toBeGreaterThan(100)
    const { metadata } = tracker.commit()
    expect(metadata.length).toBeLessThanOrEqual(maxMetadataBytes)
    for (const offset of inHand.splice(0, inHand.length / 2)) tracker.done(offset)
    expect(tracker.fits(inHand.length + 1)).toBe(true)
  })

  it('always lets one record through, so a successor of a crowded consumer does not stand still', () => {
    const { tracker, inHand } = crowded()
    // A long tail done besides: every entry counts as longer now than when it was let through.
    tracker.add(1_000_000_000_000n)
    expect(tracker.fits(2)).toBe(false)
    const successor = createTracker(tracker.commit())
    let handedOut = 0
    for (let offset = 0n; offset <= (inHand.at(-1) ?? 0n); offset += 1n) {
      expect(successor.fits(1)).toBe(true)
      if (!successor.add(offset)) continue
      handedOut += 1
      successor.start(offset)
      expect(createTracker(successor.commit()).starts(offset)).toBe(2)
      successor.done(offset)
    }
    expect(handedOut).toBe(inHand.length)
    expect(successor.commit().metadata).toBe('')
  })

  it('needs little room for one slow record among many', () => {
    const tracker = createTracker(fresh)
    addUpTo(tracker, 100_000n)
    for (let offset = 1n; offset < 100_000n; offset += 1n) tracker.done(offset)
    expect(tracker.commit().metadata.length).toBeLessThan(24)
    expect(tracker.fits(100)).toBe(true)
  })
})

/**
 * A log of records read by successive consumers. Each step reads on, starts or ends a record in hand, commits, or
 * crashes: the next consumer knows the last commit and nothing else.
 */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read' as const), skip: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), which: fc.nat() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('done' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
)

interface Model {
  done: Set<bigint>
  starts: Map<bigint, number>
}

const copy = (model: Model): Model => ({ done: new Set(model.done), starts: new Map(model.starts) })

describe('offset tracker, over any history of work, commits and crashes', () => {
  it('loses no record, repeats none that was committed as done, and keeps start counts', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 1n << 40n }),
        fc.array(step, { maxLength: 400 }),
        (begin, steps) => {
          const absent = new Set<bigint>()
          let commit: Commit = { position: begin, metadata: '' }
          let committed: Model = { done: new Set(), starts: new Map() }
          let now = copy(committed)
          let tracker = createTracker(commit)
          let next = begin
          let end = begin
          let inHand: bigint[] = []

          const crash = () => {
            now = copy(committed)
            tracker = createTracker(commit)
            next = commit.position
            inHand = []
          }
          const read = (skip: boolean) => {
            if (!tracker.fits(inHand.length + 1)) return
            // The log's shape is decided once, when its end is first reached.
            if (next === end) {
              if (skip) absent.add(end)
              end += skip ? 2n : 1n
            }
            while (absent.has(next)) next += 1n
            const handedOut = tracker.add(next)
            expect(handedOut).toBe(!now.done.has(next))
            if (handedOut) {
              expect(tracker.starts(next)).toBe(now.starts.get(next) ?? 0)
              inHand.push(next)
            }
            next += 1n
          }

          for (const action of steps) {
            if (action.do === 'read') read(action.skip)
            if (action.do === 'commit') {
              commit = tracker.commit()
              committed = copy(now)
              expect(commit.metadata.length).toBeLessThanOrEqual(maxMetadataBytes)
            }
            if (action.do === 'crash') crash()
            if (inHand.length === 0) continue
            if (action.do === 'start') {
              const offset = inHand[action.which % inHand.length] ?? 0n
              tracker.start(offset)
              now.starts.set(offset, Math.min((now.starts.get(offset) ?? 0) + 1, 35))
            }
            if (action.do === 'done') {
              const [offset = 0n] = inHand.splice(action.which % inHand.length, 1)
              tracker.done(offset)
              now.done.add(offset)
              now.starts.delete(offset)
            }
          }

          // A last consumer does all that is left: with what was done before, that is every record of the log.
          commit = tracker.commit()
          tracker = createTracker(commit)
          for (let offset = commit.position; offset < end; offset += 1n) {
            if (absent.has(offset)) continue
            const handedOut = tracker.add(offset)
            expect(handedOut).toBe(!now.done.has(offset))
            if (handedOut) {
              expect(tracker.starts(offset)).toBe(now.starts.get(offset) ?? 0)
              now.done.add(offset)
              tracker.done(offset)
            }
          }
          for (let offset = begin; offset < end; offset += 1n) {
            expect(now.done.has(offset) || absent.has(offset)).toBe(true)
          }
          if (!absent.has(end - 1n)) expect(tracker.commit()).toEqual({ position: end, metadata: '' })
        },
      ),
      { numRuns: 300 },
    )
  })
})
