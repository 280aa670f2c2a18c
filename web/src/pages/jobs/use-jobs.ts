import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { dataOf, type Job, useApi } from '../../api/index.ts'

const pageSize = 100
/** The operator looks every 5 s. */
const refreshMs = 5000

type Page = { items: Job[]; nextCursor?: string }

export function useJobs(search: string | undefined) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: ['jobs', search],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = {
        limit: pageSize,
        ...(search !== undefined && { search }),
        ...(cursor !== undefined && { cursor }),
      }
      return dataOf<Page>(api.GET('/v1/jobs', { params: { query }, signal }))
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  })
}
