import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { type ApiClient, ApiProvider, createApiClient, createQueryClient, dataOf } from '../api/index.ts'
import type { EarlyIntake } from '../early/index.ts'
import { EarlyProvider } from '../intake/index.ts'
import { FormatsProvider, ToastProvider } from '../ui/index.ts'
import { createTransfer, Uploads, UploadsProvider } from '../uploads/index.ts'
import type { AppRouter } from './router.tsx'

export interface AppParts {
  api: ApiClient
  uploads: Uploads
  queries: QueryClient
}

export function createParts(): AppParts {
  const api = createApiClient()
  const uploads = new Uploads({
    transfer: createTransfer(api),
    announce: async (id, files) => {
      await dataOf(
        api.POST('/v1/batches/{id}/complete', { params: { path: { id } }, body: { files: [...files] } }),
      )
    },
  })
  return { api, uploads, queries: createQueryClient() }
}

interface AppProps extends AppParts {
  router: AppRouter
  early?: EarlyIntake
}

/** All pages, with what they have in common. */
export function App({ api, uploads, queries, router, early }: AppProps) {
  return (
    <StrictMode>
      <ApiProvider value={api}>
        <QueryClientProvider client={queries}>
          <FormatsProvider>
            <ToastProvider>
              <UploadsProvider value={uploads}>
                <EarlyProvider value={early}>
                  <RouterProvider router={router} />
                </EarlyProvider>
              </UploadsProvider>
            </ToastProvider>
          </FormatsProvider>
        </QueryClientProvider>
      </ApiProvider>
    </StrictMode>
  )
}
