import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import {
  type ApiClient,
  ApiProvider,
  Connection,
  ConnectionProvider,
  createApiClient,
  createQueryClient,
  dataOf,
} from '../api/index.ts'
import type { EarlyIntake } from '../early/index.ts'
import { EarlyProvider } from '../intake/index.ts'
import { FormatsProvider, ToastProvider } from '../ui/index.ts'
import { createTransfer, Uploads, UploadsProvider } from '../uploads/index.ts'
import type { AppRouter } from './router.tsx'

export interface AppParts {
  api: ApiClient
  uploads: Uploads
  queries: QueryClient
  connection: Connection
}

export function createParts(): AppParts {
  const api = createApiClient()
  const queries = createQueryClient()
  const connection = new Connection(queries)
  const uploads = new Uploads({
    transfer: createTransfer(api),
    connection,
    announce: async (id, files) => {
      await dataOf(
        api.POST('/v1/batches/{id}/complete', { params: { path: { id } }, body: { files: [...files] } }),
      )
    },
  })
  return { api, uploads, queries, connection }
}

interface AppProps extends AppParts {
  router: AppRouter
  early?: EarlyIntake
}

/** All pages, with what they have in common. */
export function App({ api, uploads, queries, connection, router, early }: AppProps) {
  return (
    <StrictMode>
      <ApiProvider value={api}>
        <QueryClientProvider client={queries}>
          <ConnectionProvider value={connection}>
            <FormatsProvider>
              <ToastProvider>
                <UploadsProvider value={uploads}>
                  <EarlyProvider value={early}>
                    <RouterProvider router={router} />
                  </EarlyProvider>
                </UploadsProvider>
              </ToastProvider>
            </FormatsProvider>
          </ConnectionProvider>
        </QueryClientProvider>
      </ApiProvider>
    </StrictMode>
  )
}
