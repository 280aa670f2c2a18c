import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QueueState } from './queue-state.ts'

const policy = { backoff: { baseMs: 1000, maxMs: 8000 }, retries: { perSecond: 1000, burst: 1000 } }
const queueAt = (now: number, random = () => 0) => new QueueState(policy, { now, random })

describe('QueueState', () => {
  it('holds a key once, however often it is added', () => {
    const queue = queueAt(0)
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key, 0)
    expect([queue.take(0), queue.take(0), queue.take(0)]).toEqual(['a', 'b', undefined])
  })

  it('gives nobody a key that is being worked on, and gives it again when it was added meanwhile', () => {
    const queue = queueAt(0)
    queue.add('a', 0)
    expect(queue.take(0)).toBe('a')
    queue.add('a', 5)
    expect(queue.take(10)).toBeUndefined()
    queue.succeed('a')
    expect(queue.take(10)).toBe('a')
  })

  it('gives a key when it is due, and the one that is due longest first', () => {
    const queue = queueAt(0)
    queue.add('later', 100)
    queue.add('sooner', 50)
    expect(queue.nextAt()).toBe(50)
    expect(queue.take(49)).toBeUndefined()
    expect([queue.take(100), queue.take(100)]).toEqual(['sooner', 'later'])
  })

  it('brings a key forward and never puts it off', () => {
    const queue = queueAt(0)
    queue.add('a', 100)
    queue.add('a', 10)
    queue.add('a', 1000)
    expect(queue.nextAt()).toBe(10)
  })

  it('waits twice as long after each failure, up to the maximum, and forgets them at the first success', () => {
    const queue = queueAt(0)
    const waits: number[] = []
    let now = 0
    queue.add('a', now)
    for (let i = 0; i < 5; i += 1) {
      queue.take(now)
      const at = queue.fail('a', now)
      waits.push(at - now)
      now = at
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 4000])
    queue.take(now)
    queue.succeed('a', now)
    queue.take(now)
    expect(queue.fail('a', now) - now).toBe(500)
  })

  it('lets an addition overtake the back-off', () => {
    const queue = queueAt(0)
    queue.add('a', 0)
    queue.take(0)
    queue.fail('a', 0)
    queue.add('a', 1)
    expect(queue.take(1)).toBe('a')
  })

  it('spreads the retries of many keys that fail together', () => {
    const slow = { ...policy, retries: { perSecond: 10, burst: 1 } }
    const queue = new QueueState(slow, { now: 0, random: () => 0 })
    const at = Array.from({ length: 20 }, (_, i) => {
      queue.add(`${i}`, 0)
      queue.take(0)
      return queue.fail(`${i}`, 0)
    })
    expect(at.slice(0, 6)).toEqual([500, 500, 500, 500, 500, 500])
    expect(at.at(-1)).toBe(1900)
  })

  it('loses no key and runs none twice at a time, whatever happens in whatever order', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'take', 'succeed', 'fail', 'requeue'),
      key: fc.constantFrom('a', 'b', 'c'),
      after: fc.nat(2000),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = queueAt(0, () => 0.5)
        const running = new Set<string>()
        const wanted = new Set<string>()
        let now = 0
        const take = () => {
          const key = queue.take(now)
          if (key === undefined) return
          expect(running.has(key)).toBe(false)
          expect(wanted.delete(key)).toBe(true)
          running.add(key)
        }
        for (const { kind, key, after } of steps) {
          now += after
          if (kind === 'add') {
            queue.add(key, now)
            wanted.add(key)
          } else if (kind === 'take') take()
          else if (running.delete(key)) {
            if (kind !== 'succeed') wanted.add(key)
            if (kind === 'fail') queue.fail(key, now)
            else queue.succeed(key, kind === 'requeue' ? now + after : undefined)
          }
        }
        for (const key of running) queue.succeed(key)
        running.clear()
        now = Number.MAX_SAFE_INTEGER
        for (let i = 0; i < 3; i += 1) take()
        expect(wanted).toEqual(new Set())
      }),
    )
  })
})
