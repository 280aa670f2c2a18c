import type { Query, QueryClient } from '@tanstack/react-query'
import { isPassing } from './problem.ts'

/** Of the query that asks whether the service answers. */
export const healthKey = ['healthz'] as const

/**
 * Whether the service is there, found out once for the whole page: whoever gets no answer says so, the service is asked
 * at once, and when it answers again everybody who waits for another try may make it.
 */
export class Connection {
  readonly #queries: QueryClient
  readonly #waiting = new Set<() => void>()
  #isAway = false

  constructor(queries: QueryClient) {
    this.#queries = queries
    queries.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated') return
      const { action, query } = event
      const isHealth = query.queryKey[0] === healthKey[0]
      if (action.type === 'failed' && isHealth) this.#isAway = true
      else if (action.type === 'failed' && isPassing(action.error)) this.doubt()
      else if (action.type === 'success' && isHealth && this.#isAway) this.#isBack()
    })
  }

  /** Somebody got no answer. */
  readonly doubt = (): void => {
    // One that is under way, or that waits for its next try, is not disturbed.
    void this.#queries.refetchQueries({ queryKey: healthKey }, { cancelRefetch: false })
  }

  /** Calls back whenever the service answers again. Returns how to stop that. */
  readonly onBack = (listener: () => void): (() => void) => {
    this.#waiting.add(listener)
    return () => this.#waiting.delete(listener)
  }

  #isBack(): void {
    this.#isAway = false
    const failing = ({ state }: Query) => state.fetchStatus === 'fetching' && state.fetchFailureCount > 0
    const late = new Set(this.#queries.getQueryCache().findAll({ type: 'active', predicate: failing }))
    const filters = { predicate: (query: Query) => late.has(query) }
    // A query that waits for its next try cannot be told to make it.
    void this.#queries.cancelQueries(filters).then(() => this.#queries.refetchQueries(filters))
    for (const listener of this.#waiting) listener()
  }
}
