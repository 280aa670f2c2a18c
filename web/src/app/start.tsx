import { createRoot } from 'react-dom/client'
import type { EarlyIntake } from '../early/index.ts'
import { App, createParts } from './app.tsx'
import { createAppRouter } from './router.tsx'

/** Starts the pages in an element, where they take the place of the picture of the first page. */
export async function start(root: HTMLElement, early: EarlyIntake): Promise<void> {
  const router = createAppRouter()
  // Before it knows its page, the router renders nothing: the picture would go, and come again.
  if (root.hasChildNodes()) await router.load()
  createRoot(root).render(<App {...createParts()} router={router} early={early} />)
}
