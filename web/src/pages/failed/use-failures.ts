import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ApiFile, dataOf, type ErrorCode, type Failure, useApi } from '../../api/index.ts'
import { messageOf, useFormats, useToast } from '../../ui/index.ts'

/** Between two looks, in milliseconds. */
const liveMs = 5000
/** Files that are loaded at once. */
const pageSize = 25

export function useCauses() {
  const api = useApi()
  return useQuery({
    queryKey: ['failures'],
    queryFn: ({ signal }) => dataOf<{ items: Failure[] }>(api.GET('/v1/failures', { signal })),
    refetchInterval: liveMs,
  })
}

type Page = { items: ApiFile[]; nextCursor?: string }

/** The files that failed for one cause, newest first. Looked at again as long as the first page is all that is shown. */
export function useFailedFiles(code: ErrorCode) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: ['failures', code],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { limit: pageSize, ...(cursor !== undefined && { cursor }) }
      const params = { path: { code }, query }
      return dataOf<Page>(api.GET('/v1/failures/{code}/files', { params, signal }))
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state: { data } }) => (data?.pages.length === 1 ? liveMs : false),
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
