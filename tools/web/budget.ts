import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

export interface Chunk {
  fileName: string
  code: string
  isEntry: boolean
  /** Chunks it cannot start without. */
  imports: readonly string[]
  dynamicImports: readonly string[]
}

/**
 * The JavaScript a browser loads before the first page does all it can: the entries, what they load as soon as they run,
 * and all that these import statically. Throws when there is no entry: what has none is no page.
 */
export function firstPageChunks<C extends Chunk>(chunks: readonly C[]): C[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const first = new Set<C>()
  const visit = (chunk: C | undefined) => {
    if (chunk === undefined || first.has(chunk)) return
    first.add(chunk)
    for (const name of chunk.imports) visit(byName.get(name))
  }
  for (const chunk of chunks) {
    if (!chunk.isEntry) continue
    visit(chunk)
    for (const name of chunk.dynamicImports) visit(byName.get(name))
  }
  if (first.size === 0) throw new Error('none of the chunks is an entry')
  return [...first]
}

/** Bytes as they travel. */
export function gzipBytes(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0)
}

/** Fails the build when the first page has more JavaScript than `maxGzipBytes`. */
export function firstPageBudget({ maxGzipBytes }: { maxGzipBytes: number }): Plugin {
  return {
    name: 'first-page-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = firstPageChunks(Object.values(bundle).filter((output) => output.type === 'chunk'))
      const bytes = gzipBytes(chunks)
      const text = `first page: ${kib(bytes)} of JavaScript (gzip), budget ${kib(maxGzipBytes)}`
      if (bytes > maxGzipBytes) {
        const parts = chunks.map((chunk) => `${chunk.fileName} ${kib(gzipBytes([chunk]))}`).join(', ')
        this.error(`${text}: ${parts}`)
      }
      this.info(text)
    },
  }
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}
