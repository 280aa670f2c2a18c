import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Scratch, scratchFor } from './scratch.ts'

let folder: string
let scratch: Scratch
let output: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-scratch-'))
  scratch = scratchFor(folder)
  output = join(folder, 'compressing', 'output')
  await mkdir(join(folder, 'compressing'))
  for (const path of [scratch.input, output, join(folder, 'other')]) await writeFile(path, 'bytes')
})
afterEach(() => rm(folder, { recursive: true }))

test('an input goes with the outputs made of it, and what is of other files stays', async () => {
  await scratch.remove([output])
  expect(await readdir(folder)).toEqual(['other'])
})

test('an input that is its own output goes', async () => {
  await rm(join(folder, 'compressing'), { recursive: true })
  await scratch.remove([scratch.input])
  expect(await readdir(folder)).toEqual(['other'])
})

test.each([
  ['the input never came', () => rm(scratch.input)],
  ['an output is gone', () => rm(output)],
  ['there is more beside an output', () => writeFile(join(folder, 'compressing', 'more'), 'bytes')],
])('everything goes when %s', async (_, happens) => {
  await happens()
  await scratch.remove([output])
  expect(await readdir(folder)).toEqual(['other'])
})

test('inputs of two files do not meet', () => {
  expect(scratchFor(folder).input).not.toBe(scratch.input)
})
