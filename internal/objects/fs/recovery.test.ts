import { randomUUID } from 'node:crypto'
import { link, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFsObjectStore, type FsObjectStore } from './store.ts'
import { expectConsistent, readStoreFiles } from './testing/inspect.ts'

let root: string
let store: FsObjectStore
const open = () =>
  createFsObjectStore({ root, secret: 'a secret of the tests', publicUrl: 'http://localhost' })
const pointerPath = () => join(root, 'keys/folder+/a=')
const marker = (id: string) => join(root, 'pending', id)
const blob = (id: string) => join(root, 'blobs', id.slice(0, 2), id)

/** Leaves an orphaned blob with a marker that holds this. */
async function leave(id: string, marked: string): Promise<void> {
  await mkdir(dirname(blob(id)), { recursive: true })
  await writeFile(blob(id), 'orphan')
  await writeFile(marker(id), marked)
}

async function onlyPointer() {
  const [pointer] = (await readStoreFiles(root)).pointers
  if (pointer === undefined) throw new Error('there is no object')
  return pointer
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kompressor-recovery-'))
  store = await open()
  await store.put('folder/a', Readable.from(['bytes']))
})
afterEach(async () => {
  await store.close()
  await rm(root, { recursive: true })
})

describe('opening after a crash', () => {
  const id = randomUUID()

  test.each([
    ['before the blob was made', async () => writeFile(marker(id), '')],
    ['while the blob was written', async () => leave(id, '')],
    ['while the pointer was written', async () => leave(id, '{"version":1,"key":"fol')],
    [
      'before the first pointer of a folder was placed',
      async () => {
        await leave(id, JSON.stringify({ ...(await onlyPointer()), key: 'new/folder/b', blob: id }))
        await mkdir(join(root, 'keys/new+/folder+'), { recursive: true })
      },
    ],
    [
      'before a pointer replaced another',
      async () => {
        const old = await onlyPointer()
        await leave(id, JSON.stringify({ ...old, blob: id }))
        await link(pointerPath(), marker(old.blob))
      },
    ],
    [
      'after the pointer was linked in place',
      async () => link(pointerPath(), marker((await onlyPointer()).blob)),
    ],
    [
      'after a pointer replaced another',
      async () => leave(id, JSON.stringify({ ...(await onlyPointer()), blob: id })),
    ],
  ])('%s keeps the object and removes the rest', async (_, crash) => {
    await store.close()
    await crash()
    store = await open()
    await expectConsistent(root)
    expect(await text((await store.get('folder/a')).body)).toBe('bytes')
  })

  test('in the middle of a deletion finishes it', async () => {
    await store.close()
    await rename(pointerPath(), marker((await onlyPointer()).blob))
    store = await open()
    expect((await expectConsistent(root)).pointers).toEqual([])
  })

  test('leaves files alone that are not the store’s', async () => {
    await store.close()
    const foreign = [join(root, 'pending/.DS_Store'), join(root, 'keys/.DS_Store'), join(root, 'notes')]
    for (const path of foreign) await writeFile(path, '')
    store = await open()
    expect((await store.list({})).items.map((item) => item.key)).toEqual(['folder/a'])
    for (const path of foreign) await rm(path)
  })
})

describe('opening after a crash in the middle of an upload in parts', () => {
  const part = Buffer.alloc(6, 'part')
  const receive = (uploadId: string, partNumber: number) =>
    store.receive(
      { method: 'PUT', key: 'a', put: { size: 6 }, part: { uploadId, partNumber } },
      Readable.from([part]),
    )
  const folder = (id: string) => join(root, 'uploads', id)

  test('keeps the upload and its whole parts', async () => {
    const attributes = { contentType: 'image/png' }
    const { uploadId } = await store.createUpload('a', { attributes })
    const { etag } = await receive(uploadId, 1)
    await store.close()
    await writeFile(join(folder(uploadId), `receiving-${randomUUID()}`), 'half')
    store = await open()
    expect(await store.listParts('a', uploadId)).toEqual([{ partNumber: 1, size: 6, etag }])
    expect(await store.completeUpload('a', uploadId, { size: 6 })).toMatchObject({ attributes })
    await store.close()
    await expectConsistent(root)
  })

  test.each([
    ['before it began', async (id: string) => mkdir(folder(id))],
    [
      'while it began',
      async (id: string) => {
        await mkdir(folder(id))
        await writeFile(join(folder(id), 'upload.json'), '{"version":1,"key":"a')
      },
    ],
    [
      'while it ended',
      async (id: string) => {
        await mkdir(folder(id))
        await writeFile(join(folder(id), `part-1-6-${'a'.repeat(64)}`), part)
      },
    ],
  ])('%s removes what is left of it', async (_, crash) => {
    await store.close()
    await crash(randomUUID())
    store = await open()
    await expectConsistent(root)
  })

  test('after the object was made keeps the object, and the upload until it is aborted', async () => {
    const { uploadId } = await store.createUpload('a')
    const { etag } = await receive(uploadId, 1)
    await store.put('a', Readable.from([part]))
    await store.close()
    store = await open()
    expect(await store.listParts('a', uploadId)).toEqual([{ partNumber: 1, size: 6, etag }])
    await store.abortUpload('a', uploadId)
    await expectConsistent(root)
    expect(await text((await store.get('a')).body)).toBe(part.toString())
  })

  test('in a replacement of a part keeps one of the two', async () => {
    const { uploadId } = await store.createUpload('a')
    await receive(uploadId, 1)
    await store.close()
    await writeFile(join(folder(uploadId), `part-1-4-${'b'.repeat(64)}`), 'part')
    store = await open()
    expect(await store.listParts('a', uploadId)).toHaveLength(1)
    await receive(uploadId, 1)
    expect(await store.listParts('a', uploadId)).toMatchObject([{ partNumber: 1, size: 6 }])
    await store.completeUpload('a', uploadId, { size: 6 })
    await expectConsistent(root)
  })
})

test('a damaged pointer is an error that names the file, and no other object suffers', async () => {
  await writeFile(pointerPath(), 'torn')
  await store.put('folder/b', Readable.from(['fine']))
  await expect(store.get('folder/a')).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('a='),
  })
  expect(await text((await store.get('folder/b')).body)).toBe('fine')
})

test('an object whose bytes have vanished is an error, not a search without end', async () => {
  await rm(blob((await onlyPointer()).blob))
  await expect(store.get('folder/a')).rejects.toMatchObject({ code: 'internal' })
})
