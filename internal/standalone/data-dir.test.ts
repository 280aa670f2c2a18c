import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDataDir } from './data-dir.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-data-dir-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A process that holds the folder until it is killed. */
async function holder() {
  const module = new URL('./data-dir.ts', import.meta.url)
  const script = `const { openDataDir } = await import('${module}')
    await openDataDir(process.argv[1])
    process.stdout.write('open')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

test('a folder in use by another process is refused until that process is gone, however it ends', async () => {
  const child = await holder()
  const ended = once(child, 'exit')
  try {
    await expect(openDataDir(folder)).rejects.toMatchObject({
      code: 'data_dir_in_use',
      message: expect.stringContaining(folder),
    })
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  const opened = await openDataDir(folder)
  opened.unlock()
})

test('the secret is made once, for this user alone', async () => {
  const first = await openDataDir(folder)
  await expect(openDataDir(folder)).rejects.toMatchObject({ code: 'data_dir_in_use' })
  first.unlock()
  const second = await openDataDir(folder)
  second.unlock()
  expect(second.secret).toEqual(first.secret)
  expect(first.secret).toHaveLength(32)
  expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600)
  expect((await readdir(folder)).sort()).toEqual(['lock', 'secret'])
})

test('a folder that cannot be one is refused with the reason, and is not left locked', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  await expect(openDataDir(file)).rejects.toMatchObject({ code: 'invalid_configuration' })
  const dir = join(folder, 'dir')
  const opened = await openDataDir(dir)
  opened.unlock()
  await rm(join(dir, 'secret'))
  // Where the secret's bytes go first.
  await mkdir(join(dir, 'secret.new'))
  await expect(openDataDir(dir)).rejects.toMatchObject({ code: 'invalid_configuration' })
  await rm(join(dir, 'secret.new'), { recursive: true })
  const again = await openDataDir(dir)
  again.unlock()
})

test('a lock that is no lock is not taken for another process', async () => {
  await writeFile(join(folder, 'lock'), 'this is not a database, and longer than a header of one '.repeat(20))
  await expect(openDataDir(folder)).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('cannot be locked'),
  })
})
