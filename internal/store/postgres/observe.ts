import type { Pool, PoolClient } from 'pg'
import { translated } from './errors.ts'

/** Told of each statement: how long it took, its wait for a connection included, and whether it failed. */
export type OnCall = (seconds: number, error: unknown) => void

/**
 * The pool with its errors translated and its statements measured, wherever they are made: the query builder offers no
 * place for either. Only the promise forms of `query` and `connect` are covered, which are the ones it uses.
 */
export function observed(pool: Pool, onCall: OnCall): Pool {
  return withMethods(pool, {
    query: (...args) => timed(onCall, () => Reflect.apply(pool.query, pool, args)),
    connect: async () => {
      try {
        return observedClient(await pool.connect(), onCall)
      } catch (error) {
        throw translated(error)
      }
    },
  })
}

function observedClient(client: PoolClient, onCall: OnCall): PoolClient {
  let timedOut = false
  let released = false
  const release = (broken: boolean) => {
    if (!released) client.release(broken)
    released = true
  }
  return withMethods(client, {
    query: async (...args) => {
      try {
        return await timed(onCall, () => Reflect.apply(client.query, client, args))
      } catch (error) {
        timedOut ||= isClientTimeout(error)
        // drizzle-orm gives a connection back once its transaction has begun, and keeps for ever one whose did not.
        if (isBegin(args[0])) release(true)
        throw error
      }
    },
    // A connection whose answer is still to come must not be anybody else's.
    release: () => release(timedOut),
  })
}

function isBegin(statement: unknown): boolean {
  return (
    typeof statement === 'object' &&
    statement !== null &&
    'text' in statement &&
    typeof statement.text === 'string' &&
    /^begin\b/i.test(statement.text)
  )
}

/** The server did not even say that the statement took too long. */
function isClientTimeout(error: unknown): boolean {
  return (
    error instanceof Error && error.cause instanceof Error && error.cause.message === 'Query read timeout'
  )
}

async function timed(onCall: OnCall, run: () => unknown): Promise<unknown> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  try {
    const result = await run()
    onCall(seconds(), undefined)
    return result
  } catch (caught) {
    const error = translated(caught)
    onCall(seconds(), error)
    throw error
  }
}

type Methods = Record<string, (...args: unknown[]) => unknown>

/** The object with some of its methods replaced; the others work on the object itself. */
function withMethods<T extends object>(object: T, methods: Methods): T {
  return new Proxy(object, {
    get(target, property) {
      const replaced = typeof property === 'string' ? methods[property] : undefined
      if (replaced !== undefined) return replaced
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
