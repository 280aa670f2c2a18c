import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { behind, OpenFile } from './open-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-open-file-'))
})
afterEach(() => rm(folder, { recursive: true }))

const bytes = (...texts: string[]) => texts.map((text) => Buffer.from(text))

test('writes append, and are read back from any position to the end', async () => {
  const path = join(folder, 'file')
  {
    using file = new OpenFile(path, 'wx')
    await file.write(bytes('one', '', 'two'))
    await file.write([])
    await file.write(bytes('three'))
    await file.flush()
  }
  expect(await readFile(path, 'utf8')).toBe('onetwothree')
  using file = new OpenFile(path, 'r')
  const texts = [await file.read(3, 3), await file.read(9, 100), await file.read(11, 1)].map((part) =>
    Buffer.from(part).toString(),
  )
  expect(texts).toEqual(['two', 'ee', ''])
})

test.runIf(existsSync('/proc/self/fd'))('the file is closed at the end', async () => {
  const open = async () => (await readdir('/proc/self/fd')).length
  const before = await open()
  for (let i = 0; i < 20; i++) {
    using _ = new OpenFile(join(folder, String(i)), 'wx')
  }
  expect(await open()).toBeLessThan(before + 20)
})

test('errors of the system come through', () => {
  expect(() => new OpenFile(join(folder, 'none'), 'r')).toThrow('ENOENT')
})

test.each([
  [0, ['one', 'two']],
  [2, ['e', 'two']],
  [3, ['two']],
  [5, ['o']],
  [6, []],
])('of one and two, %d bytes taken leave %j', (taken, left) => {
  expect(behind(bytes('one', 'two'), taken).map((part) => Buffer.from(part).toString())).toEqual(left)
})
