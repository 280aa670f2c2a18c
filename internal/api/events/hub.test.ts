import { expect, test } from 'vitest'
import { EventHub, Watcher } from './hub.ts'

const never = new AbortController().signal

/** A database that notifies when the test says so. */
function notifying() {
  const listeners = new Set<(payload: string) => void>()
  return {
    notify: (payload: string) => {
      for (const listener of listeners) listener(payload)
    },
    listening: () => listeners.size,
    store: {
      listen: async (_channel: string, onNotify: (payload: string) => void) => {
        listeners.add(onNotify)
        return async () => void listeners.delete(onNotify)
      },
    },
  }
}

test('a change between two looks is not lost, and is told once', async () => {
  const watcher = new Watcher(() => undefined)
  watcher.wake()
  watcher.wake()
  expect(await watcher.changed(60_000, never)).toBe(true)
  expect(await watcher.changed(1, never)).toBe(false)
  const waiting = watcher.changed(60_000, never)
  watcher.wake()
  expect(await waiting).toBe(true)
})

test('waiting ends with the time or the signal', async () => {
  const watcher = new Watcher(() => undefined)
  const stop = new AbortController()
  const waiting = watcher.changed(60_000, stop.signal)
  stop.abort()
  expect(await waiting).toBe(false)
  watcher.wake()
  expect(await watcher.changed(60_000, stop.signal)).toBe(false)
})

test('a notification wakes who watches one of its batches, an empty one all; the database is listened to once', async () => {
  const { store, notify, listening } = notifying()
  const hub = new EventHub(store)
  expect(listening()).toBe(0)
  const [a, again, b] = [await hub.watch('a'), await hub.watch('a'), await hub.watch('b')]
  expect(listening()).toBe(1)
  const woken = async () => Promise.all([a, again, b].map((watcher) => watcher.changed(1, never)))
  notify('x,a')
  expect(await woken()).toEqual([true, true, false])
  notify('')
  expect(await woken()).toEqual([true, true, true])
  a.close()
  notify('a,b')
  expect(await woken()).toEqual([false, true, true])
  await hub.close()
  expect(listening()).toBe(0)
})

test('a database that cannot be listened to is tried again', async () => {
  const { store } = notifying()
  let fails = true
  const hub = new EventHub({
    listen: (...given) => (fails ? Promise.reject(new Error('no connection')) : store.listen(...given)),
  })
  await expect(hub.watch('a')).rejects.toThrow('no connection')
  fails = false
  await hub.watch('a')
  await hub.close()
})
