import { type InfiniteData, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { type Batch, dataOf, useApi } from '../../api/index.ts'
import type { BatchFilters } from './search.ts'

/** Rows of a page; more are loaded when the end of the list comes near. */
const pageSize = 50
/** Between two looks while something runs, and while nothing does, in milliseconds. */
const liveMs = 3000
const restMs = 5000
/** Somebody who has scrolled far reads; pages behind them are not asked for again and again. */
const livePages = 2

type Page = { items: Batch[]; nextCursor?: string }

export function useBatches(filters: BatchFilters) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: ['batches', filters],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) => {
      const { search, state, tags } = filters
      const query = {
        limit: pageSize,
        ...(search !== undefined && { search }),
        ...(state !== undefined && { state }),
        ...(tags !== undefined && { tag: tags }),
        ...(cursor !== undefined && { cursor }),
      }
      return dataOf<Page>(api.GET('/v1/batches', { params: { query }, signal }))
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => intervalFor(data),
  })
}

function intervalFor(data: InfiniteData<Page> | undefined): number | false {
  if (data === undefined) return liveMs
  if (data.pages.length > livePages) return false
  return data.pages.some(({ items }) => items.some(isBusy)) ? liveMs : restMs
}

export function isBusy({ files }: Batch): boolean {
  return files.queued + files.processing > 0
}
