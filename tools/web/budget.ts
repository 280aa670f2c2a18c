import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

export interface Chunk {
  fileName: string
  code: string
  isEntry: boolean
  /** Chunks it cannot start without. */
  imports: readonly string[]
}

/** The JavaScript a browser loads before it can show the first page: the entries and all that they import statically. */
export function firstPageChunks(chunks: readonly Chunk[]): Chunk[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const first = new Set<Chunk>()
  const visit = (chunk: Chunk | undefined) => {
    if (chunk === undefined || first.has(chunk)) return
    first.add(chunk)
    for (const name of chunk.imports) visit(byName.get(name))
  }
  for (const chunk of chunks) if (chunk.isEntry) visit(chunk)
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
