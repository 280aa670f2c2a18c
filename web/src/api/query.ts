import { QueryClient } from '@tanstack/react-query'
import { ApiError, isPassing } from './problem.ts'

/** Longest wait between two tries, in milliseconds. */
const longestWaitMs = 10_000

/**
 * Queries that the service could not answer are asked again until it does, so pages recover by themselves; those it
 * refused are not. What the user does (mutations) is never repeated behind their back.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5000,
        retry: (failures, error) =>
          isPassing(error) || (error instanceof ApiError && error.retryable && failures < 2),
        retryDelay: (failures) => Math.min(500 * 2 ** failures, longestWaitMs),
        // The browser's idea of being online says nothing about a service on this machine.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
}
