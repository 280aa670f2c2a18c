import path from 'node:path'
import react from '@vitejs/plugin-react'
import { type Plugin, runnerImport } from 'vite'
import { z } from 'zod'
import { firstPageChunks } from './budget.ts'

const web = path.resolve(import.meta.dirname, '../../web')
const root = '<div id="root"></div>'
const prerenderSchema = z.object({
  prerender: z.custom<() => Promise<string>>((it) => typeof it === 'function'),
})

/**
 * Lets every page begin to load its code and styles with the document, and adds `first.html`: the document for the first
 * page, with that page in it as the code will draw it. It is painted before any code has run.
 */
export function firstPage(): Plugin {
  return {
    name: 'first-page',
    apply: 'build',
    // Behind what makes index.html.
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const index = bundle['index.html']
      if (index?.type !== 'asset') return this.error('there is no index.html to begin with')
      const document = String(index.source)
      const chunks = firstPageChunks(Object.values(bundle).filter((output) => output.type === 'chunk'))
      const styles = new Set(chunks.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]))
      const links = [
        ...[...styles].map((name) => `<link rel="stylesheet" href="/${name}">`),
        ...chunks.map(({ fileName }) => `<link rel="modulepreload" href="/${fileName}">`),
      ].filter((link) => !document.includes(/href="[^"]*"/.exec(link)?.[0] ?? link))
      index.source = replaced(document, '</head>', `${links.join('')}</head>`)
      const { module } = await runnerImport(path.join(web, 'src/app/prerender.tsx'), {
        configFile: false,
        root: web,
        mode: 'production',
        logLevel: 'warn',
        plugins: [react(), withoutStyles],
      })
      const html = await prerenderSchema.parse(module).prerender()
      const forbidden = / style=|<script/.exec(html)
      if (forbidden !== null) return this.error(`the page's policy forbids what is drawn:${forbidden[0]}`)
      const source = replaced(index.source, root, root.replace('></', `>${html}</`))
      this.emitFile({ type: 'asset', fileName: 'first.html', source })
    },
  }
}

/** Markup needs none, and what handles them is not started by a runner. */
const withoutStyles: Plugin = {
  name: 'without-styles',
  enforce: 'pre',
  resolveId: (id) => (id.endsWith('.css') ? '\0styles' : undefined),
  load: (id) => (id === '\0styles' ? '' : undefined),
}

function replaced(text: string, what: string, by: string): string {
  if (!text.includes(what)) throw new Error(`index.html has no ${what}`)
  return text.replace(what, () => by)
}
