import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cached, cacheRoot } from './cache.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'kompressor-cache-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('cacheRoot', () => {
  it('is what the environment says, else in the home folder', () => {
    expect(cacheRoot({ KOMPRESSOR_CACHE: '/somewhere' })).toBe('/somewhere')
    expect(cacheRoot({})).toBe(path.join(os.homedir(), '.cache/kompressor'))
  })
})

describe('cached', () => {
  it('makes a file once, also for several who want it at the same time', async () => {
    let made = 0
    const make = async (target: string) => {
      made += 1
      await writeFile(target, 'whole')
    }
    const file = path.join(folder, 'a', 'tool')
    const got = await Promise.all([1, 2, 3].map(() => cached(file, make)))
    expect(got).toEqual([file, file, file])
    expect(made).toBe(1)
    expect(await readFile(file, 'utf8')).toBe('whole')
    expect(await readdir(path.dirname(file))).toEqual(['tool'])
  })

  it('leaves nothing half made behind when making fails, and tries again next time', async () => {
    const file = path.join(folder, 'tool')
    const fail = async (target: string) => {
      await writeFile(target, 'half')
      throw new Error('no compiler')
    }
    await expect(cached(file, fail)).rejects.toThrow('no compiler')
    expect(await readdir(folder)).toEqual([])
    await cached(file, (target) => writeFile(target, 'whole'))
    expect(await readFile(file, 'utf8')).toBe('whole')
  })

  it('takes over from a process that died while it was making the file', async () => {
    const file = path.join(folder, 'tool')
    // No process has this number: it is above the kernel's limit.
    await writeFile(`${file}.lock`, '4194305\n')
    await cached(file, (target) => writeFile(target, 'whole'))
    expect(await readdir(folder)).toEqual(['tool'])
  })
})
