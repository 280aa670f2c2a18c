import { randomBytes } from 'node:crypto'
import { access, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Bench, bodyOf, expectCode, freshKey, read, readText, sha256 } from './support.ts'

export function filesContract(bench: Bench): void {
  test('a local file is put and got back, with its attributes', async () => {
    const key = freshKey()
    const bytes = randomBytes(200_000)
    const from = bench.path()
    const to = bench.path()
    await writeFile(from, bytes)
    const options = { size: 200_000, sha256: sha256(bytes), attributes: { contentType: 'image/png' } }
    const put = await bench.store.putFile(key, from, options)
    const got = await bench.store.getFile(key, to)
    expect(await readFile(to)).toEqual(bytes)
    expect(got).toMatchObject({
      key,
      size: 200_000,
      etag: put.etag,
      attributes: { contentType: 'image/png' },
    })
  })

  test('an object outlives the local file it came from', async () => {
    const key = freshKey()
    const from = bench.path()
    await writeFile(from, 'bytes')
    await bench.store.putFile(key, from)
    await rm(from)
    expect(await readText(bench.store, key)).toBe('bytes')
  })

  test('a local file that was got outlives the object and does not change with it', async () => {
    const key = freshKey()
    const to = bench.path()
    await bench.store.put(key, bodyOf('old'))
    await bench.store.getFile(key, to)
    await bench.store.put(key, bodyOf('new'))
    await bench.store.delete([key])
    expect(await readFile(to, 'utf8')).toBe('old')
  })

  test('a file that was got can be put under another key', async () => {
    const [key, copy] = [freshKey(), freshKey()]
    const path = bench.path()
    await bench.store.put(key, bodyOf('bytes'))
    await bench.store.getFile(key, path)
    await bench.store.putFile(copy, path)
    await bench.store.delete([key])
    expect(await readText(bench.store, copy)).toBe('bytes')
  })

  test('a symbolic link stands for the file it points to', async () => {
    const key = freshKey()
    const [file, alias] = [bench.path(), bench.path()]
    await writeFile(file, 'bytes')
    await symlink(file, alias)
    await bench.store.putFile(key, alias)
    await rm(file)
    expect(await readText(bench.store, key)).toBe('bytes')
  })

  test('putting a file keeps to ifAbsent, size and checksum', async () => {
    const key = freshKey()
    const from = bench.path()
    await writeFile(from, 'bytes')
    await expectCode(bench.store.putFile(key, from, { size: 6 }), 'size_mismatch')
    await expectCode(bench.store.putFile(key, from, { size: 4 }), 'size_mismatch')
    await expectCode(bench.store.putFile(key, from, { sha256: sha256('other') }), 'checksum_mismatch')
    expect(await bench.store.head(key)).toBeUndefined()
    await bench.store.putFile(key, from, { ifAbsent: true })
    await expectCode(bench.store.putFile(key, from, { ifAbsent: true }), 'object_exists')
    expect(await readFile(from, 'utf8')).toBe('bytes')
  })

  test('getting never replaces a local file', async () => {
    const key = freshKey()
    const to = bench.path()
    await bench.store.put(key, bodyOf('bytes'))
    await writeFile(to, 'precious')
    await expect(bench.store.getFile(key, to)).rejects.toMatchObject({ name: 'KompressorError' })
    expect(await readFile(to, 'utf8')).toBe('precious')
  })

  test('getting an absent object leaves no local file', async () => {
    const to = bench.path()
    await expectCode(bench.store.getFile(freshKey(), to), 'object_not_found')
    await expect(access(to)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('putting a local file that does not exist fails and writes nothing', async () => {
    const key = freshKey()
    await expect(bench.store.putFile(key, bench.path())).rejects.toMatchObject({ name: 'KompressorError' })
    expect(await bench.store.head(key)).toBeUndefined()
  })

  test('an empty local file is put and got', async () => {
    const key = freshKey()
    const from = bench.path()
    await writeFile(from, '')
    expect((await bench.store.putFile(key, from, { size: 0 })).size).toBe(0)
    expect(await read(bench.store, key)).toHaveLength(0)
  })
}
