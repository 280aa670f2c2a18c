import { useQuery } from '@tanstack/react-query'
import { CloudOff } from 'lucide-react'
import { ApiError, dataOf, healthKey, useApi } from '../api/index.ts'

/** How often a service is asked whether it still answers while nobody doubts it, in milliseconds. */
const checkMs = 10_000

/** Says that the service is away for as long as it is. */
export function ConnectionBanner() {
  const api = useApi()
  const { failureCount, failureReason } = useQuery({
    queryKey: healthKey,
    queryFn: ({ signal }) => dataOf(api.GET('/healthz', { signal, parseAs: 'text' })),
    refetchInterval: checkMs,
    retryDelay: 2000,
  })
  return (
    <div className="connection-banner" role="status">
      {failureCount > 0 && (
        <p>
          <CloudOff size={16} aria-hidden />
          {failureReason instanceof ApiError && failureReason.status === 401
            ? failureReason.message
            : 'The service does not answer. Nothing is lost: everything goes on when it is back.'}
        </p>
      )}
    </div>
  )
}
