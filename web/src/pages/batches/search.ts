import type { Batch } from '../../api/index.ts'

/** What the list shows, as it is in the address: filters survive a reload and can be sent to somebody. */
export interface BatchFilters {
  /** Part of the name or of a tag, or the beginning of the id. */
  search?: string
  state?: Batch['state']
  /** `key:value`; a batch must carry all of them. */
  tags?: string[]
}

export const batchStates = ['open', 'running', 'completed', 'cancelled'] as const satisfies Batch['state'][]

/** Takes what makes sense from an address somebody may have typed. */
export function readBatchFilters(given: Record<string, unknown>): BatchFilters {
  const { search, state, tags } = given
  const known = batchStates.find((one) => one === state)
  const usable = Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string' && isTag(tag)) : []
  return {
    // The router reads what looks like a number as one.
    ...((typeof search === 'string' || typeof search === 'number') &&
      search !== '' && { search: String(search) }),
    ...(known && { state: known }),
    ...(usable.length > 0 && { tags: usable }),
  }
}

/** Whether this can be a tag: a key, a colon, perhaps a value. */
export function isTag(text: string): boolean {
  return text.indexOf(':') > 0
}

export function isFiltered({ search, state, tags }: BatchFilters): boolean {
  return search !== undefined || state !== undefined || tags !== undefined
}
