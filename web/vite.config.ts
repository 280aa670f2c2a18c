import path from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { firstPageBudget } from '../tools/web/budget.ts'

const root = import.meta.dirname

/** `npm run dev:web` serves the pages with hot reload and passes the API on to a service at KOMPRESSOR_URL. */
const service = process.env.KOMPRESSOR_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root,
  plugins: [react(), firstPageBudget({ maxGzipBytes: 170 * 1024 })],
  build: {
    outDir: path.join(root, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    // Inlined assets would need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/v1': service, '/objects': service, '/ws': { target: service, ws: true } },
  },
})
