import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ApiClient, dataOf, useApi } from '../../api/index.ts'
import { type ActivityWindow, windows } from './window.ts'

export type Activity = Awaited<ReturnType<typeof fetchActivity>>

/** What happened in a window that ends now, kept up to date. */
export function useActivity(window: ActivityWindow) {
  const api = useApi()
  const { refreshMs } = windows.find(({ value }) => value === window) ?? windows[0]
  return useQuery({
    queryKey: ['activity', window],
    queryFn: ({ signal }) => fetchActivity(api, window, signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  })
}

function fetchActivity(api: ApiClient, window: '15m' | '1h' | '6h' | '24h' | '7d', signal: AbortSignal) {
  return dataOf(api.GET('/v1/activity', { params: { query: { window } }, signal }))
}
