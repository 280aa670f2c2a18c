import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { KompressorError } from '../../errors/index.ts'
import type { Channel } from '../store.ts'
import { translated } from './errors.ts'

export interface ListenerOptions {
  config: pg.ClientConfig
  /** Told when the connection was lost or could not be made again; it is tried for ever. To be logged. */
  onError: (error: unknown) => void
  /** Between two signs of life, milliseconds. Default 15 s: a connection that is cut without a word is noticed then. */
  heartbeatMs?: number
  /** How long an answer may take before the connection counts as lost, milliseconds. Default 10 s. */
  patienceMs?: number
}

export interface Listener {
  listen(channel: Channel, onNotify: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** Milliseconds between two attempts to connect again: doubling from the first to the last. */
const backoffMs = { first: 100, last: 5_000 }

/**
 * Notifications, over a connection of their own that is made with the first listener. After it was lost it is made again
 * and everybody is told once to look at all, since something may have been missed:
 *
 *     idle --listen--> connecting --> connected --lost--> connecting (again and again) --> connected
 */
export function createListener({
  config,
  onError,
  heartbeatMs = 15_000,
  patienceMs = 10_000,
}: ListenerOptions): Listener {
  const callbacks = new Map<Channel, Set<(payload: string) => void>>()
  const closing = new AbortController()
  let connected: Promise<pg.Client> | undefined
  let reconnecting: Promise<void> | undefined

  function connection(): Promise<pg.Client> {
    if (closing.signal.aborted) throw new KompressorError('shutting_down', 'the store is closed')
    connected ??= connect().catch((error: unknown) => {
      connected = undefined
      throw translated(error)
    })
    return connected
  }

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...config,
      statement_timeout: 0,
      query_timeout: patienceMs,
      keepAlive: true,
    })
    const beats = new AbortController()
    let usable = false
    const lose = (error?: unknown) => {
      if (beats.signal.aborted) return
      beats.abort()
      client.end().catch(() => undefined)
      if (!usable || closing.signal.aborted) return
      connected = undefined
      onError(error ?? new Error('the server closed the connection that listens'))
      reconnecting = reconnect()
    }
    client.on('error', lose)
    client.on('end', () => lose())
    client.on('notification', ({ channel, payload = '' }) => tell(channel, payload))
    try {
      await client.connect()
      for (const channel of callbacks.keys()) await client.query(`listen ${channel}`)
      usable = true
    } catch (error) {
      lose(error)
      throw error
    }
    void beat(client, beats.signal, lose)
    return client
  }

  async function beat(client: pg.Client, signal: AbortSignal, lose: (error: unknown) => void): Promise<void> {
    try {
      for (;;) {
        await delay(heartbeatMs, undefined, { signal, ref: false })
        await client.query('select 1')
      }
    } catch (error) {
      lose(error)
    }
  }

  async function reconnect(): Promise<void> {
    for (let wait = backoffMs.first; !closing.signal.aborted; wait = Math.min(wait * 2, backoffMs.last)) {
      try {
        await delay(wait, undefined, { signal: closing.signal })
        await connection()
        for (const channel of callbacks.keys()) tell(channel, '')
        return
      } catch (error) {
        if (!closing.signal.aborted) onError(error)
      }
    }
  }

  function tell(channel: string, payload: string): void {
    for (const [name, listeners] of callbacks) {
      if (name === channel) for (const callback of listeners) callback(payload)
    }
  }

  async function forget(channel: Channel, callback: (payload: string) => void): Promise<void> {
    const listeners = callbacks.get(channel)
    listeners?.delete(callback)
    if (listeners?.size !== 0) return
    callbacks.delete(channel)
    // Without a connection there is nothing to be taken back.
    if (!closing.signal.aborted)
      await connected?.then((client) => client.query(`unlisten ${channel}`)).catch(onError)
  }

  return {
    async listen(channel, onNotify) {
      // A function of its own: the same callback may listen twice.
      const callback = (payload: string) => onNotify(payload)
      callbacks.set(channel, (callbacks.get(channel) ?? new Set()).add(callback))
      try {
        await (await connection()).query(`listen ${channel}`)
      } catch (error) {
        await forget(channel, callback)
        throw translated(error)
      }
      return () => forget(channel, callback)
    },
    async close() {
      closing.abort()
      await reconnecting
      const client = await connected?.catch(() => undefined)
      await client?.end().catch(() => undefined)
    },
  }
}
