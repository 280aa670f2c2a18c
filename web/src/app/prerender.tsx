import { createMemoryHistory } from '@tanstack/react-router'
import { renderToStaticMarkup } from 'react-dom/server'
import { App, createParts } from './app.tsx'
import { createAppRouter } from './router.tsx'

/** The first page as HTML, for whoever comes for the first time. The build puts it into the document. */
export async function prerender(): Promise<string> {
  const history = createMemoryHistory({ initialEntries: ['/'] })
  // Restoring where somebody was would come as a script in the page, which its policy forbids.
  const router = createAppRouter({ history, scrollRestoration: false })
  await router.load()
  return renderToStaticMarkup(<App {...createParts()} router={router} />)
}
