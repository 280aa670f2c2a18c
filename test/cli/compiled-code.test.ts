import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { kompressor } from './command.ts'
import { fill, makeFolder } from './folder.ts'

/** Runs over one file, and says how many modules were compiled and kept below a folder. */
async function keptBy(env: Record<string, string>, folder: (cwd: string) => string) {
  const cwd = await makeFolder()
  await fill(cwd, { 'a.log': fixtures.log() })
  const { code, stderr } = await kompressor(['run', 'a.log', '--slots', '1'], { cwd, env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return (await readdir(folder(cwd), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  )
}

test('compiled code is kept for the next start, of the command and of its children', async () => {
  const kept = await keptBy({ XDG_CACHE_HOME: '' }, (cwd) => path.join(cwd, '.cache/kompressor/compiled'))
  const folders = new Set(kept.map(({ parentPath }) => parentPath))
  expect(folders.size).toBe(2)
  expect(kept.length).toBeGreaterThan(200)
})

test.each([
  ['without a home', { XDG_CACHE_HOME: '', HOME: '' }],
  ['with a home that cannot be', { XDG_CACHE_HOME: '', HOME: '/proc/none' }],
  ['with a folder for caches that is not there', { XDG_CACHE_HOME: 'none' }],
])('%s it does without', async (_, env) => {
  expect((await keptBy(env, (cwd) => cwd)).map(({ name }) => name).sort()).toEqual(['a.log', 'a.log.zst'])
})
