import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jobPrefix, type LedgerLine, ledgerPrefix, partKey, writePart } from '../ledger/index.ts'
import { createFsObjectStore, type FsObjectStore } from '../objects/index.ts'
import { identityKey, jobKey } from './attributes.ts'
import { eraseOutputs } from './erase.ts'

const job = { uid: '0d9e6a52-0000', namespace: 'shop', name: 'photos', outputPrefix: 'small/' }
const { signal } = new AbortController()

let folder: string
let store: FsObjectStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-erase-'))
  store = await createFsObjectStore({
    root: folder,
    durable: false,
    secret: 'a secret of the tests',
    publicUrl: 'http://localhost',
    now: () => new Date(),
  })
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const put = (key: string, metadata: Record<string, string>) =>
  store.put(key, Readable.from([Buffer.from(key)]), { attributes: { metadata } })
const keys = async () => (await store.list({})).items.map(({ key }) => key)

/** An object as the job writes it, or nearly so, and the line about it. */
async function written(
  key: string,
  { uid = job.uid, identity = 'same', outcome = 'compressed' as const, etag = '' } = {},
): Promise<LedgerLine> {
  const info = await put(key, { [jobKey]: uid, [identityKey]: identity })
  return {
    at: '2026-01-01T00:00:00Z',
    source: { key: 'in/a', etag: 'e', bytes: 100 },
    identity: 'same',
    outcome,
    cpuMs: 1,
    output: { key, etag: etag || info.etag, bytes: info.size },
  }
}
const part = (taskId: string, lines: LedgerLine[]) =>
  writePart(store, partKey(ledgerPrefix(job), { taskId, attempt: 1 }), lines)

test('goes what carries the marks of the job and is the object its ledger names, and no more', async () => {
  await part('one', [
    await written('small/own'),
    await written('small/kept', { outcome: 'kept_original' as 'compressed' }),
    await written('small/of-another-job', { uid: 'another' }),
    await written('small/of-other-options', { identity: 'another' }),
    await written('small/replaced', { etag: 'before' }),
    // A ledger that somebody has written: what it names elsewhere is not the job's, whatever marks it has.
    await written('in/a'),
    { at: '', source: { key: 'in/b', etag: '', bytes: 1 }, outcome: 'cancelled' },
  ])
  await part('two', [await written('small/more')])
  for (const name of ['report.json', 'index.ndjson.zst', 'estimate.json', 'remarks.txt'])
    await put(`${jobPrefix(job)}${name}`, {})
  await put('.kompressor/shop.photos.ffffffff/report.json', {})
  const erased = await eraseOutputs(store, [], job, signal)
  expect(erased).toEqual({ outputs: 3, left: 3 })
  expect(await keys()).toEqual([
    '.kompressor/shop.photos.0d9e6a52/remarks.txt',
    '.kompressor/shop.photos.ffffffff/report.json',
    'in/a',
    'small/of-another-job',
    'small/of-other-options',
    'small/replaced',
  ])
  expect(await eraseOutputs(store, [], job, signal)).toEqual({ outputs: 0, left: 0 })
})

test('a part goes after its outputs, in every place', async () => {
  await part('one', [await written('small/own')])
  const away = {
    head: () => Promise.reject(new Error('away')),
    delete: () => Promise.reject(new Error('away')),
  }
  const replicas = [{ prefix: 'copy/', store: away }]
  await expect(eraseOutputs(store, replicas, job, signal)).rejects.toThrow('away')
  expect(await keys()).toContain('.kompressor/shop.photos.0d9e6a52/ledger/one-1.ndjson.zst')
  await eraseOutputs(store, [], job, signal)
  expect(await keys()).toEqual([])
})

test('a part that is none is said, and its job’s summaries stay for whoever looks into it', async () => {
  await put(partKey(ledgerPrefix(job), { taskId: 'odd', attempt: 1 }), {})
  await put(`${jobPrefix(job)}report.json`, {})
  await expect(eraseOutputs(store, [], job, signal)).rejects.toMatchObject({ code: 'corrupt_input' })
  expect(await keys()).toHaveLength(2)
})
