/** Which jobs are shown, as it is in the address. */
export interface JobsSearch {
  /** Part of `namespace/name`. */
  search?: string
}

export function readJobsSearch({ search }: Record<string, unknown>): JobsSearch {
  // The router reads what looks like a number as one.
  const text = typeof search === 'number' ? String(search) : search
  return typeof text === 'string' && text !== '' ? { search: text } : {}
}
