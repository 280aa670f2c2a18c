/** Which cause is unfolded, as it is in the address: it can be sent to somebody. */
export interface FailedSearch {
  code?: string
}

export function readFailedSearch(given: Record<string, unknown>): FailedSearch {
  return typeof given.code === 'string' && /^[a-z_]+$/.test(given.code) ? { code: given.code } : {}
}
