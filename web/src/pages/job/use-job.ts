import { useQuery } from '@tanstack/react-query'
import { dataOf, useApi } from '../../api/index.ts'

/** The operator looks every 5 s. */
const refreshMs = 5000

export function useJob(namespace: string, name: string) {
  const api = useApi()
  return useQuery({
    queryKey: ['job', namespace, name],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/v1/jobs/{namespace}/{name}', { params: { path: { namespace, name } }, signal })),
    refetchInterval: refreshMs,
  })
}
