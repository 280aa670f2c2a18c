import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Scratch, scratchFor } from './scratch.ts'

let folder: string
let scratch: Scratch
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-scratch-'))
  scratch = scratchFor(folder)
})
afterEach(() => rm(folder, { recursive: true }))

test.each([
  ['both are there', ['input', 'output']],
  ['nothing was made of the input', ['input']],
  ['the input never came', []],
] as const)('everything of a file goes, and what is of others stays, when %s', async (_, there) => {
  const other = scratchFor(folder)
  await writeFile(other.input, 'bytes')
  for (const name of there) await writeFile(scratch[name], 'bytes')
  await scratch.remove()
  expect((await readdir(folder)).map((name) => join(folder, name))).toEqual([other.input])
})

test('says so when something cannot be removed', async () => {
  await rm(folder, { recursive: true })
  await writeFile(folder, 'a file where the folder was')
  await expect(scratch.remove()).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test('the files of two do not meet', () => {
  const other = scratchFor(folder)
  const all = [scratch.input, scratch.output, other.input, other.output]
  expect(new Set(all).size).toBe(4)
})
