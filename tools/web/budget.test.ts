import { expect, test } from 'vitest'
import { type Chunk, firstPageChunks, gzipBytes } from './budget.ts'

function chunk(fileName: string, imports: string[] = [], isEntry = false): Chunk {
  return { fileName, imports, isEntry, code: fileName }
}

test('the first page is the entry and what it imports statically, however deep and around', () => {
  const chunks = [
    chunk('entry.js', ['vendor.js'], true),
    chunk('vendor.js', ['shared.js']),
    chunk('shared.js', ['vendor.js']),
    chunk('lazy.js', ['shared.js']),
  ]
  expect(firstPageChunks(chunks).map(({ fileName }) => fileName)).toEqual([
    'entry.js',
    'vendor.js',
    'shared.js',
  ])
})

test('bytes are counted as they travel', () => {
  expect(gzipBytes([{ ...chunk('a.js'), code: 'x'.repeat(100_000) }])).toBeLessThan(300)
})
