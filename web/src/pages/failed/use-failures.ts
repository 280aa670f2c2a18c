import {
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { type ApiFile, dataOf, type ErrorCode, type Failure, useApi } from '../../api/index.ts'
import { messageOf, useFormats, useToast } from '../../ui/index.ts'

/** Between two looks, in milliseconds: at most times, and while what was just tried again may fail again. */
const liveMs = 5000
const soonMs = 1000
const soonForMs = 15_000
const retryKey = ['retry failed']
/** Files that are loaded at once. */
const pageSize = 25

export function useCauses() {
  const api = useApi()
  const queries = useQueryClient()
  return useQuery({
    queryKey: ['failures'],
    queryFn: ({ signal }) => dataOf<{ items: Failure[] }>(api.GET('/v1/failures', { signal })),
    refetchInterval: () => nextLookMs(queries),
  })
}

type Page = { items: ApiFile[]; nextCursor?: string }

/** The files that failed for one cause, newest first. Looked at again as long as the first page is all that is shown. */
export function useFailedFiles(code: ErrorCode) {
  const api = useApi()
  const queries = useQueryClient()
  return useInfiniteQuery({
    queryKey: ['failures', code],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { limit: pageSize, ...(cursor !== undefined && { cursor }) }
      const params = { path: { code }, query }
      return dataOf<Page>(api.GET('/v1/failures/{code}/files', { params, signal }))
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state: { data } }) => (data?.pages.length === 1 ? nextLookMs(queries) : false),
  })
}

/** What is tried again: some files, those of a cause, or with neither all that failed. */
export interface RetryRequest {
  codes?: ErrorCode[]
  files?: string[]
}

/** Tries failed files again and says how many. */
export function useRetry() {
  const api = useApi()
  const queries = useQueryClient()
  const toast = useToast()
  const formats = useFormats()
  return useMutation({
    mutationKey: retryKey,
    mutationFn: (body: RetryRequest) => dataOf<{ retried: number }>(api.POST('/v1/failures/retry', { body })),
    onSuccess: async ({ retried }) => {
      await queries.invalidateQueries({ queryKey: ['failures'] })
      toast(
        retried === 0
          ? 'Nothing was left to try again.'
          : `${formats.count(retried)} ${retried === 1 ? 'file is' : 'files are'} queued again.`,
      )
    },
    onError: (error) => toast(`Nothing was queued again. ${messageOf(error)}`, 'bad'),
  })
}

function nextLookMs(queries: QueryClient): number {
  const retries = queries.getMutationCache().findAll({ mutationKey: retryKey })
  const last = Math.max(0, ...retries.map(({ state }) => state.submittedAt))
  return Date.now() - last < soonForMs ? soonMs : liveMs
}
