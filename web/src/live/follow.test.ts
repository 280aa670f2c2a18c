import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ApiEvent } from '../api/index.ts'
import { type ChannelHandlers, follow } from './follow.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const event = (seq: number): ApiEvent => ({
  seq,
  type: 'file.completed',
  batchId: 'b',
  fileId: `f${seq}`,
  at: '2026-01-01T00:00:00.000Z',
  state: 'completed',
})

function start(ways = 1) {
  const opened: { way: number; after: number; handlers: ChannelHandlers; closed: boolean }[] = []
  const seen: number[] = []
  const states: string[] = []
  const ends: string[] = []
  const waiting = new Set<() => void>()
  const doubt = vi.fn()
  const stop = follow({
    batchId: 'b',
    after: 4,
    channels: Array.from(
      { length: ways },
      (_, way) => (_batch: string, after: number, handlers: ChannelHandlers) => {
        const one = { way, after, handlers, closed: false }
        opened.push(one)
        const close = () => {
          one.closed = true
        }
        return { close }
      },
    ),
    connection: {
      doubt,
      onBack: (listener) => {
        waiting.add(listener)
        return () => waiting.delete(listener)
      },
    },
    onEvent: ({ seq }) => seen.push(seq),
    onState: (state) => states.push(state),
    onEnd: (why) => ends.push(why),
  })
  const last = () => {
    const one = opened.at(-1)
    if (one === undefined) throw new Error('nothing was opened')
    return one
  }
  const back = () => waiting.forEach((listener) => void listener())
  return { opened, seen, states, ends, stop, last, doubt, back, waiting }
}

test('a connection that is lost is resumed behind the last event, and nothing comes twice', () => {
  const { opened, seen, states, last } = start()
  expect(last().after).toBe(4)
  last().handlers.onOpen()
  last().handlers.onEvent(event(5))
  last().handlers.onEvent(event(6))
  last().handlers.onEnd('lost')
  vi.advanceTimersByTime(300)
  expect(opened).toHaveLength(2)
  expect(last().after).toBe(6)
  last().handlers.onOpen()
  for (const seq of [5, 6, 7]) last().handlers.onEvent(event(seq))
  expect(seen).toEqual([5, 6, 7])
  expect(states).toEqual(['connecting', 'live', 'connecting', 'live'])
})

test('a gap is not jumped over: what is missing is asked for again', () => {
  const { seen, last, opened } = start()
  const first = last()
  first.handlers.onOpen()
  first.handlers.onEvent(event(5))
  first.handlers.onEvent(event(7))
  expect(seen).toEqual([5])
  expect(first.closed).toBe(true)
  first.handlers.onEvent(event(6))
  expect(seen).toEqual([5])
  vi.advanceTimersByTime(300)
  expect(opened.map(({ after }) => after)).toEqual([4, 5])
})

test('a way that does not open gives way to the next; one that did open is kept', () => {
  const { opened, last } = start(2)
  last().handlers.onEnd('lost')
  vi.advanceTimersByTime(300)
  expect(last().way).toBe(1)
  last().handlers.onOpen()
  last().handlers.onEnd('lost')
  vi.advanceTimersByTime(300)
  expect(opened.map(({ way }) => way)).toEqual([0, 1, 1])
})

test('tries come further apart and never end', () => {
  const { opened, last } = start()
  for (let i = 0; i < 12; i += 1) {
    last().handlers.onEnd('lost')
    vi.advanceTimersByTime(8000)
  }
  expect(opened).toHaveLength(13)
})

test('a loss makes the service be asked, and a connection is tried at once when it is back', () => {
  const { opened, last, doubt, back } = start()
  last().handlers.onOpen()
  back()
  expect(opened).toHaveLength(1)
  expect(doubt).not.toHaveBeenCalled()
  for (let i = 0; i < 6; i += 1) {
    last().handlers.onEnd('lost')
    vi.advanceTimersByTime(8000)
  }
  last().handlers.onEnd('lost')
  expect(doubt).toHaveBeenCalledTimes(7)
  expect(opened).toHaveLength(7)
  back()
  expect(opened).toHaveLength(8)
  vi.advanceTimersByTime(8000)
  expect(opened).toHaveLength(8)
})

test.for(['gone', 'stale'] as const)('a batch that is %s is not asked for again', (why) => {
  const { opened, ends, last, waiting } = start()
  last().handlers.onEnd(why)
  vi.advanceTimersByTime(60_000)
  expect(waiting.size).toBe(0)
  expect(ends).toEqual([why])
  expect(opened).toHaveLength(1)
})

test('nothing happens after it was stopped', () => {
  const { opened, seen, stop, last } = start()
  last().handlers.onOpen()
  stop()
  last().handlers.onEvent(event(5))
  last().handlers.onEnd('lost')
  vi.advanceTimersByTime(60_000)
  expect(seen).toEqual([])
  expect(opened).toHaveLength(1)
  expect(last().closed).toBe(true)
})
