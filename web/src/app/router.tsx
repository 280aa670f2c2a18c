import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
} from '@tanstack/react-router'
import { IntakeProvider } from '../intake/index.ts'
import { readWindow } from '../pages/activity/window.ts'
import { readBatchFilters } from '../pages/batches/search.ts'
import { CompressPage } from '../pages/compress/index.ts'
import { readFailedSearch } from '../pages/failed/search.ts'
import { readJobsSearch } from '../pages/jobs/search.ts'
import { NotFound } from './not-found.tsx'
import { PageError } from './page-error.tsx'
import { Shell } from './shell.tsx'

const rootRoute = createRootRoute({
  component: () => (
    <IntakeProvider>
      <Shell>
        <Outlet />
      </Shell>
    </IntakeProvider>
  ),
})

// The first page is part of the first load; every other page is a chunk of its own.
const compressRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: CompressPage })

const batchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/batches/$batchId',
  component: lazyRouteComponent(() => import('../pages/batch/index.ts'), 'BatchPage'),
})

const batchesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/batches',
  validateSearch: readBatchFilters,
  component: lazyRouteComponent(() => import('../pages/batches/index.ts'), 'BatchesPage'),
})

const activityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/activity',
  validateSearch: readWindow,
  component: lazyRouteComponent(() => import('../pages/activity/index.ts'), 'ActivityPage'),
})

const failedRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/failed',
  validateSearch: readFailedSearch,
  component: lazyRouteComponent(() => import('../pages/failed/index.ts'), 'FailedPage'),
})

const jobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs',
  validateSearch: readJobsSearch,
  component: lazyRouteComponent(() => import('../pages/jobs/index.ts'), 'JobsPage'),
})

const jobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs/$namespace/$name',
  component: lazyRouteComponent(() => import('../pages/job/index.ts'), 'JobPage'),
})

const routeTree = rootRoute.addChildren([
  compressRoute,
  batchRoute,
  batchesRoute,
  jobsRoute,
  jobRoute,
  activityRoute,
  failedRoute,
])

interface RouterSettings {
  /** Default the browser's. */
  history?: RouterHistory
  scrollRestoration?: boolean
}

export type AppRouter = ReturnType<typeof createAppRouter>

export function createAppRouter({ history, scrollRestoration = true }: RouterSettings = {}) {
  return createRouter({
    routeTree,
    defaultPreload: 'intent',
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: PageError,
    scrollRestoration,
    ...(history && { history }),
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter
  }
}
