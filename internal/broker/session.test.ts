import { describe, expect, it } from 'vitest'
import type { IncomingRecord } from './port.ts'
import { createSession, type Session, type SessionOptions, type Unit } from './session.ts'
import type { Commit } from './tracker.ts'

function records(count: number, partition = 0): IncomingRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    topic: 't',
    partition,
    offset: BigInt(i),
    key: undefined,
    value: `${partition}/${i}`,
    headers: {},
    timestamp: 0,
  }))
}

/** A session over memory: what it commits, how often, and what it does when it crashes. */
function memorySession(options: Partial<SessionOptions> & Pick<SessionOptions, 'run'>) {
  const committed = new Map<number, Commit>()
  const crashes: Error[] = []
  let statements = 0
  const session: Session = createSession({
    lanes: 4,
    unitSize: 1,
    onRoom: () => undefined,
    onCrash: (error) => crashes.push(error),
    commit: async (commits) => {
      statements += 1
      for (const [partition, commit] of commits) committed.set(partition, commit)
    },
    ...options,
  })
  for (const partition of [0, 1, 2]) session.assign(partition, { position: 0n, metadata: '' })
  return { session, committed, crashes, statements: () => statements }
}

describe('consumer session', () => {
  it('takes from partitions in turn', async () => {
    const seen: string[] = []
    const { session } = memorySession({
      lanes: 1,
      run: async (unit: Unit) => void seen.push(unit.records[0]?.value ?? ''),
    })
    session.offer([...records(2, 0), ...records(2, 1), ...records(2, 2)])
    await session.stop()
    expect(seen.length).toBeGreaterThan(0)
    expect(['0/0', '1/0', '2/0', '0/1', '1/1', '2/1'].slice(0, seen.length)).toEqual(seen)
  })

  it('commits many completions at once', async () => {
    const all = Promise.withResolvers<void>()
    let done = 0
    const { session, committed, statements } = memorySession({
      run: async () => {
        done += 1
        if (done === 900) all.resolve()
      },
    })
    session.offer([...records(300, 0), ...records(300, 1), ...records(300, 2)])
    await all.promise
    await session.stop()
    expect([...committed.values()].map(({ position }) => position)).toEqual([300n, 300n, 300n])
    expect(statements()).toBeLessThan(20)
  })

  it('journals a start before it resolves', async () => {
    const { session, committed } = memorySession({
      run: async (unit) => {
        await unit.start()
        expect(committed.get(0)?.metadata).toMatch(/^1:0::/)
      },
    })
    session.offer(records(1))
    await session.stop()
    expect(committed.get(0)).toEqual({ position: 1n, metadata: '' })
  })

  it('leaves behind a handler that ignores its signal, and ignores what it does later', async () => {
    const gate = Promise.withResolvers<void>()
    const later = Promise.withResolvers<unknown>()
    const { session, committed, crashes } = memorySession({
      run: async (unit) => {
        await gate.promise
        later.resolve(await unit.start().catch((error: unknown) => error))
      },
    })
    session.offer(records(1))
    const begin = performance.now()
    await session.stop(0)
    expect(performance.now() - begin).toBeGreaterThan(900)
    gate.resolve()
    expect(await later.promise).toMatchObject({ code: 'shutting_down' })
    await session.stop()
    expect(committed.size).toBe(0)
    expect(crashes).toEqual([])
  })

  it('lets a second stop shorten the wait of the first', async () => {
    const { session } = memorySession({
      run: (unit) =>
        new Promise((_, reject) => unit.signal.addEventListener('abort', () => reject(unit.signal.reason))),
    })
    session.offer(records(1))
    const begin = performance.now()
    await Promise.all([session.stop(60_000), session.stop(0)])
    expect(performance.now() - begin).toBeLessThan(5_000)
  })

  it('crashes when a commit fails; the stop repeats it, and fails with it', async () => {
    let broken = true
    const crashed = Promise.withResolvers<Error>()
    const commits: bigint[] = []
    const { session } = memorySession({
      run: async () => undefined,
      onCrash: crashed.resolve,
      commit: async (all) => {
        if (broken) throw new Error('no database')
        commits.push(all.get(0)?.position ?? -1n)
      },
    })
    session.offer(records(3))
    expect(await crashed.promise).toMatchObject({ message: 'no database' })
    broken = false
    await session.stop()
    expect(commits).toEqual([3n])

    broken = true
    const other = memorySession({
      run: async () => undefined,
      commit: async () => {
        throw new Error('no database')
      },
    })
    other.session.offer(records(1))
    await expect(other.session.stop()).rejects.toThrow('no database')
  })

  it('hands out no more of a partition than its commit can describe, and goes on when it can', async () => {
    const gates = new Map<string, PromiseWithResolvers<void>>()
    const crowded = Promise.withResolvers<void>()
    const { session, committed } = memorySession({
      lanes: 2_000,
      run: async ({ records: [record] }) => {
        const gate = Promise.withResolvers<void>()
        gates.set(record?.value ?? '', gate)
        if (gates.size === 300) crowded.resolve()
        await gate.promise
      },
    })
    session.offer(records(2_000))
    await crowded.promise
    expect(session.queueState(0)).toMatchObject({ blocked: true })
    expect(gates.size).toBeLessThan(600)
    for (let handedOut = 0; handedOut < 2_000; ) {
      const waiting = [...gates.values()].slice(handedOut)
      handedOut = gates.size
      for (const gate of waiting) gate.resolve()
      await new Promise(setImmediate)
    }
    await session.stop()
    expect(committed.get(0)).toEqual({ position: 2_000n, metadata: '' })
  })

  it('drops a partition that went to another consumer, and aborts what is in hand of it without a crash', async () => {
    const inHand = new Map<string, Unit>()
    const gate = Promise.withResolvers<void>()
    const { session, committed, crashes } = memorySession({
      lanes: 2,
      run: async (unit) => {
        inHand.set(unit.records[0]?.value ?? '', unit)
        const aborted = new Promise((_, reject) => {
          unit.signal.addEventListener('abort', () => reject(unit.signal.reason))
        })
        await Promise.race([gate.promise, aborted])
      },
    })
    session.offer([...records(2, 0), ...records(1, 1)])
    await expect.poll(() => inHand.size).toBe(2)
    session.revoke(0)
    expect([...inHand].map(([value, { signal }]) => [value, signal.aborted])).toEqual([
      ['0/0', true],
      ['1/0', false],
    ])
    gate.resolve()
    await session.stop()
    expect([...inHand.keys()]).toEqual(['0/0', '1/0'])
    expect(crashes).toEqual([])
    expect([...committed]).toEqual([[1, { position: 1n, metadata: '' }]])
  })

  it('finishes a unit that keeps one of its partitions, and commits that alone', async () => {
    const gate = Promise.withResolvers<void>()
    const units: Unit[] = []
    const { session, committed } = memorySession({
      lanes: 1,
      unitSize: 10,
      run: async (unit) => {
        units.push(unit)
        await gate.promise
      },
    })
    session.offer([...records(2, 0), ...records(3, 1)])
    await expect.poll(() => units.length).toBe(1)
    session.revoke(0)
    expect(units[0]?.signal.aborted).toBe(false)
    gate.resolve()
    await session.stop()
    expect([...committed]).toEqual([[1, { position: 3n, metadata: '' }]])
  })

  it('leaves before the grace is over, with what is done, and lets the rest use up its grace', async () => {
    const gate = Promise.withResolvers<void>()
    const left = Promise.withResolvers<void>()
    const steps: string[] = []
    const { session, committed } = memorySession({
      leave: {
        afterMs: 10,
        run: async () => {
          steps.push('left')
          left.resolve()
        },
      },
      run: async (unit) => {
        await unit.start()
        if (unit.records[0]?.value === '0/0') await gate.promise
        steps.push(`done ${unit.records[0]?.value}`)
      },
    })
    session.offer(records(2))
    await expect.poll(() => committed.get(0)?.metadata).toMatch(/^1:0:1:/)
    const stopped = session.stop(60_000)
    await left.promise
    // The start of the first was the stop's to interrupt; that the second is done is kept.
    expect(committed.get(0)?.position).toBe(0n)
    expect(committed.get(0)?.metadata).toMatch(/^1::1:/)
    gate.resolve()
    await stopped
    expect(steps).toEqual(['done 0/1', 'left', 'done 0/0'])
    expect(committed.get(0)?.position).toBe(0n)
  })

  it('aborts what would begin after it has left: the next consumer begins it', async () => {
    const gate = Promise.withResolvers<void>()
    const ends: unknown[] = []
    const { session, crashes } = memorySession({
      leave: { afterMs: 10, run: async () => gate.resolve() },
      run: async (unit) => {
        await gate.promise
        await unit.start().catch((error: unknown) => {
          ends.push(unit.signal.aborted)
          throw error
        })
      },
    })
    session.offer(records(1))
    await session.stop(60_000)
    expect(ends).toEqual([true])
    expect(crashes).toEqual([])
  })

  it('leaves after the last commit when nothing is in hand any more', async () => {
    const steps: string[] = []
    const { session } = memorySession({
      leave: { afterMs: 60_000, run: async () => void steps.push('left') },
      commit: async () => void steps.push('committed'),
      run: async () => undefined,
    })
    session.offer(records(1))
    await session.stop()
    await session.stop()
    expect(steps.at(-1)).toBe('left')
    expect(steps.filter((step) => step === 'left')).toHaveLength(1)
  })
})
