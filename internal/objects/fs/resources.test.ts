import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { expectCode, stalledBody } from '../contract/support.ts'
import { OpenFile } from './open-file.ts'
import { createFsObjectStore } from './store.ts'
import { expectConsistent } from './testing/inspect.ts'

const options = { secret: 'a secret of the tests', publicUrl: 'http://localhost' }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-resources-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Mounts a small file system, or returns why that is not possible here. */
function mountSmallDisk(path: string, bytes: number): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'pipe' })
  } catch (error) {
    return String(error)
  }
  return undefined
}

test('a full disk is storage_full, leaves nothing behind and harms no object', async ({ skip }) => {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  const problem = mountSmallDisk(disk, 4 * 1024 ** 2)
  if (problem !== undefined) {
    console.warn(
      `SKIPPED: the full disk is not tested, because no file system can be mounted here: ${problem}`,
    )
    skip()
  }
  try {
    const root = join(disk, 'store')
    const store = await createFsObjectStore({ ...options, root })
    await store.put('kept', Readable.from([randomBytes(1_000_000)]))
    const tooMuch = () => Readable.from(Array.from({ length: 80 }, () => randomBytes(65_536)))
    await expectCode(store.put('new/folder/a', tooMuch()), 'storage_full')
    await expectCode(store.put('kept', tooMuch()), 'storage_full')
    const local = join(folder, 'local')
    await writeFile(local, randomBytes(5_000_000))
    await expectCode(store.putFile('from/another/disk', local), 'storage_full')
    expect((await expectConsistent(root)).pointers.map((pointer) => pointer.key)).toEqual(['kept'])

    await store.put('fits', Readable.from([randomBytes(2_000_000)]))
    await store.getFile('fits', join(folder, 'copied'))
    await expectCode(store.getFile('fits', join(disk, 'no/such/folder')), 'internal')
    expect((await expectConsistent(root)).pointers).toHaveLength(2)
    await store.close()
  } finally {
    execFileSync('umount', [disk])
  }
})

test.skipIf(!existsSync('/proc/self/fd'))(
  'no file stays open after 2,000 calls, failed ones among them',
  async () => {
    const store = await createFsObjectStore({ ...options, root: join(folder, 'store'), durable: false })
    const local = join(folder, 'local')
    await writeFile(local, 'bytes')
    const round = async (i: number) => {
      const key = `folder-${i % 7}/${i}`
      await store.put(key, Readable.from(['bytes']))
      await store.putFile(`${key}/file`, local)
      await buffer((await store.get(key)).body)
      ;(await store.get(key)).body.destroy()
      await store.getFile(key, join(folder, `${i}`))
      await expectCode(store.put(key, Readable.from(['bytes']), { size: 3 }), 'size_mismatch')
      await expectCode(store.putFile(key, local, { size: 3 }), 'size_mismatch')
      await expectCode(store.get(key, { range: { start: 5 } }), 'range_not_satisfiable')
      await expectCode(store.putFile(key, local, { ifAbsent: true }), 'object_exists')
      await store.list({ prefix: key })
      await store.delete([key])
    }
    await round(0)
    const openFiles = async () => (await readdir('/proc/self/fd')).length
    const before = await openFiles()
    for (let i = 1; i <= 200; i += 8) await Promise.all(Array.from({ length: 8 }, (_, n) => round(i + n)))
    await vi.waitFor(async () => expect(await openFiles()).toBeLessThanOrEqual(before), { timeout: 5000 })
    await store.close()
  },
)

test('closing waits for the puts under way and refuses new ones', async () => {
  const store = await createFsObjectStore({ ...options, root: join(folder, 'store') })
  const { body, drained } = stalledBody('bytes')
  const put = store.put('a', body)
  await drained
  let closed = false
  const closing = store.close().then(() => {
    closed = true
  })
  await expectCode(store.put('b', Readable.from(['x'])), 'shutting_down')
  expect(closed).toBe(false)
  body.push(null)
  expect((await put).size).toBe(5)
  await closing
  await store.close()
})

test('a put is synced before it can be seen, and never when durability is off', async () => {
  const sync = vi.spyOn(OpenFile.prototype, 'flush')
  try {
    const fast = await createFsObjectStore({ ...options, root: join(folder, 'fast'), durable: false })
    await fast.put('a/b', Readable.from(['bytes']))
    await fast.delete(['a/b'])
    expect(sync).not.toHaveBeenCalled()

    const safe = await createFsObjectStore({ ...options, root: join(folder, 'safe') })
    await safe.put('a/b', Readable.from(['bytes']))
    sync.mockClear()
    await safe.put('a/c', Readable.from(['bytes']), { ifAbsent: true })
    // The blob, its folder and that one's new parent at most, the pointer, the folder of the key.
    expect(sync.mock.calls.length).toBeGreaterThanOrEqual(4)
    sync.mockImplementation(() =>
      Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'fsync' })),
    )
    await expectCode(safe.put('a/d', Readable.from(['bytes'])), 'storage_unavailable')
    sync.mockRestore()
    expect(await safe.head('a/d')).toBeUndefined()
    await expectConsistent(join(folder, 'safe'))
  } finally {
    sync.mockRestore()
  }
})
