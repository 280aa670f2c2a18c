import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeScratch } from './scratch.ts'

let parent: string
let folder: string
let known: string[]
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'kompressor-scratch-'))
  folder = join(parent, 'task')
  known = [join(folder, 'input'), join(folder, 'compressing', 'output')]
  await mkdir(join(folder, 'compressing'), { recursive: true })
  for (const path of known) await writeFile(path, 'bytes')
  await writeFile(join(parent, 'other'), 'bytes')
})
afterEach(() => rm(parent, { recursive: true }))

test('a folder goes with the files known to be in it', async () => {
  await removeScratch(folder, [...known, ...known])
  expect(existsSync(folder)).toBe(false)
  expect(await readdir(parent)).toEqual(['other'])
})

test.each([
  ['nothing is known of', () => []],
  ['more is in than is known', () => known.slice(0, 1)],
  ['less is in than was known', () => [...known, join(folder, 'gone')]],
])('a folder goes when %s', async (_, paths) => {
  await removeScratch(folder, paths())
  expect(await readdir(parent)).toEqual(['other'])
})
