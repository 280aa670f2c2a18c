import { appendFile, mkdtemp, readFile, rm, truncate } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DoneEntry, Journal } from './journal.ts'

let folder: string
const file = () => path.join(folder, '.kompressor/run.ndjson')

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'kompressor-journal-'))
})
afterEach(() => rm(folder, { recursive: true }))

function entry(source: string, bytes = 5): DoneEntry {
  return {
    source,
    size: 10,
    mtimeMs: 1.5,
    recipe: 'r',
    output: source,
    bytes,
    outcome: 'compressed',
    type: 'image/png',
  }
}

async function write(...entries: Parameters<Journal['append']>[0][]): Promise<void> {
  const journal = await Journal.open(folder)
  for (const line of entries) await journal.append(line)
  await journal.close()
}

test('remembers what earlier runs did, the last word on each source', async () => {
  await write(entry('a'), entry('line\u2028end "x"\n.png'))
  await write(entry('a', 7))
  const journal = await Journal.open(folder)
  expect(journal.take('a')).toEqual(entry('a', 7))
  expect(journal.take('line\u2028end "x"\n.png')?.bytes).toBe(5)
  expect(journal.take('a')).toBeUndefined()
  await journal.close()
})

test('failures are written down and tried again', async () => {
  await write(entry('a'), { source: 'b', error: { code: 'corrupt_input', message: 'no' } })
  const journal = await Journal.open(folder)
  expect(journal.take('b')).toBeUndefined()
  await journal.close()
  expect(await readFile(file(), 'utf8')).toContain('corrupt_input')
})

test('a line that a crash cut off costs that line and no other', async () => {
  await write(entry('a'), entry('b'))
  await truncate(file(), (await readFile(file())).length - 9)
  await write(entry('c'))
  await appendFile(file(), 'not json\n{"source":1}\n')
  const journal = await Journal.open(folder)
  expect(['a', 'b', 'c'].map((source) => journal.take(source)?.source)).toEqual(['a', undefined, 'c'])
  await journal.close()
})
