import { expect, test } from 'vitest'
import { type Chunk, firstPageChunks, gzipBytes } from './budget.ts'

function chunk(
  fileName: string,
  imports: string[] = [],
  dynamicImports: string[] = [],
  isEntry = false,
): Chunk {
  return { fileName, imports, dynamicImports, isEntry, code: fileName }
}

test('the first page is the entry, what it loads, and what these import statically, however deep and around', () => {
  const chunks = [
    chunk('entry.js', ['early.js'], ['app.js'], true),
    chunk('early.js'),
    chunk('app.js', ['vendor.js'], ['lazy.js']),
    chunk('vendor.js', ['shared.js']),
    chunk('shared.js', ['vendor.js']),
    chunk('lazy.js', ['shared.js']),
  ]
  expect(firstPageChunks(chunks).map(({ fileName }) => fileName)).toEqual([
    'entry.js',
    'early.js',
    'app.js',
    'vendor.js',
    'shared.js',
  ])
})

test('without an entry there is no first page to count', () => {
  expect(() => firstPageChunks([chunk('a.js')])).toThrow('entry')
})

test('bytes are counted as they travel', () => {
  expect(gzipBytes([{ ...chunk('a.js'), code: 'x'.repeat(100_000) }])).toBeLessThan(300)
})
