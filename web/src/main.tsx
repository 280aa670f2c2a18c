import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiProvider, createApiClient, createQueryClient, dataOf } from './api/index.ts'
import { createAppRouter } from './app/router.tsx'
import { FormatsProvider, ToastProvider } from './ui/index.ts'
import { createTransfer, Uploads, UploadsProvider } from './uploads/index.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

const api = createApiClient()
const uploads = new Uploads({
  transfer: createTransfer(api),
  announce: async (id, files) => {
    await dataOf(
      api.POST('/v1/batches/{id}/complete', { params: { path: { id } }, body: { files: [...files] } }),
    )
  },
})

createRoot(root).render(
  <StrictMode>
    <ApiProvider value={api}>
      <QueryClientProvider client={createQueryClient()}>
        <FormatsProvider>
          <ToastProvider>
            <UploadsProvider value={uploads}>
              <RouterProvider router={createAppRouter()} />
            </UploadsProvider>
          </ToastProvider>
        </FormatsProvider>
      </QueryClientProvider>
    </ApiProvider>
  </StrictMode>,
)
