import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFsObjectStore, type FsObjectStore } from './store.ts'
import { expectConsistent } from './testing/inspect.ts'

let root: string
let store: FsObjectStore
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kompressor-races-'))
  // Without syncs, so that the calls meet more often.
  const options = { secret: 'a secret of the tests', publicUrl: 'http://localhost', durable: false }
  store = await createFsObjectStore({ ...options, root })
})
afterEach(async () => {
  await store.close()
  await expectConsistent(root)
  await rm(root, { recursive: true })
})

const put = (key: string, content: string) => store.put(key, Readable.from([content]))

test('readers between a pointer and its blob find the object although it is replaced all the time', async () => {
  await put('a', 'version 0')
  let writing = true
  const write = async () => {
    for (let version = 1; version <= 100; version++) await put('a', `version ${version}`)
    writing = false
  }
  const read = async () => {
    let reads = 0
    for (; writing; reads++) {
      if (reads % 2 === 0) expect(await text((await store.get('a')).body)).toMatch(/^version \d+$/)
      else await store.getFile('a', join(root, `got-${crypto.randomUUID()}`))
    }
    return reads
  }
  const [, ...reads] = await Promise.all([write(), ...Array.from({ length: 4 }, read)])
  for (const count of reads) expect(count).toBeGreaterThan(3)
})

test('objects are put into folders that deletions empty and remove all the time', async () => {
  const churn = async (name: number) => {
    const key = `deep/folder/of/many/${name}`
    for (let round = 0; round < 100; round++) {
      await put(key, 'x')
      expect(await store.head(key)).toBeDefined()
      await store.delete([key])
    }
  }
  await Promise.all([0, 1, 2, 3].map(churn))
})

test('a listing beside puts and deletions shows every object that stays', async () => {
  const staying = Array.from({ length: 50 }, (_, n) => `folder-${n}/stays`)
  await Promise.all(staying.map((key) => put(key, 'x')))
  let churning = true
  const churn = async () => {
    for (let round = 0; round < 200; round++) {
      const key = `folder-${round % 60}/goes`
      await put(key, 'x')
      await store.delete([key])
    }
    churning = false
  }
  const list = async () => {
    while (churning) {
      const keys = (await store.list({})).items.map((item) => item.key)
      expect(keys.filter((key) => key.endsWith('/stays')).toSorted()).toEqual(staying.toSorted())
    }
  }
  await Promise.all([churn(), list()])
})
