import { createRootRoute, createRoute, createRouter, Outlet } from '@tanstack/react-router'
import { CompressPage } from '../pages/compress/index.ts'
import { NotFound } from './not-found.tsx'
import { PageError } from './page-error.tsx'
import { Shell } from './shell.tsx'

const rootRoute = createRootRoute({
  component: () => (
    <Shell>
      <Outlet />
    </Shell>
  ),
})

// The first page is part of the first load; every other page is a chunk of its own.
const compressRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: CompressPage })

const routeTree = rootRoute.addChildren([compressRoute])

export function createAppRouter() {
  return createRouter({
    routeTree,
    defaultPreload: 'intent',
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: PageError,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
