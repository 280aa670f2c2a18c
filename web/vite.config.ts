import path from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { firstPageBudget } from '../tools/web/budget.ts'
import { firstPage } from '../tools/web/first-page.ts'

const root = import.meta.dirname

/** `npm run dev:web` serves the pages with hot reload and passes the API on to a service at KOMPRESSOR_URL. */
const service = process.env.KOMPRESSOR_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root,
  plugins: [react(), firstPageBudget({ maxGzipBytes: 170 * 1024 }), firstPage()],
  build: {
    outDir: path.join(root, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    // Inlined assets would need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Two files, and not one for each set of pages that has something in common: what runs at once, and the rest
        // that every page needs, loaded meanwhile.
        codeSplitting: {
          groups: [
            { name: 'early', priority: 1, test: /web.src.(early|batch.pick)|vite.preload-helper/ },
            { name: 'app', test: /web.src.(app|api|batch|uploads|settings|intake|live|ui.index)/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: { '/v1': service, '/objects': service, '/ws': { target: service, ws: true } },
  },
})
