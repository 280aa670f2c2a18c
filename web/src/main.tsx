import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiProvider, createApiClient, createQueryClient } from './api/index.ts'
import { createAppRouter } from './app/router.tsx'
import { FormatsProvider, ToastProvider } from './ui/index.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

createRoot(root).render(
  <StrictMode>
    <ApiProvider value={createApiClient()}>
      <QueryClientProvider client={createQueryClient()}>
        <FormatsProvider>
          <ToastProvider>
            <RouterProvider router={createAppRouter()} />
          </ToastProvider>
        </FormatsProvider>
      </QueryClientProvider>
    </ApiProvider>
  </StrictMode>,
)
