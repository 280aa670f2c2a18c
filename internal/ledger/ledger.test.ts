import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Estimate } from '../estimate/index.ts'
import { createFsObjectStore, type FsObjectStore } from '../objects/index.ts'
import {
  collectLedger,
  foretold,
  type LedgerLine,
  openDoneIndex,
  reportOf,
  toCsv,
  writeEstimate,
  writeIndex,
  writePart,
} from './index.ts'

let folder: string
let objects: FsObjectStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-ledger-'))
  const publicUrl = () => 'http://localhost'
  objects = await createFsObjectStore({
    root: join(folder, 'o'),
    durable: false,
    secret: 'a secret of these tests',
    publicUrl,
  })
})
afterEach(async () => {
  await objects.close()
  await rm(folder, { recursive: true })
})

const at = '2026-01-01T00:00:00Z'
function done(key: string, bytes = 100, bytesOut = 40): Extract<LedgerLine, { cpuMs: number }> {
  return {
    at,
    source: { key, etag: `e-${key}`, bytes },
    type: 'image/jpeg',
    identity: `i-${key}`,
    outcome: 'compressed',
    cpuMs: 1_500,
    output: { key: `out/${key}`, etag: 'x', type: 'image/jpeg', bytes: bytesOut, score: 75.5, sha256: 'f' },
  }
}
const failed = (key: string, code: 'corrupt_input' | 'poison' = 'corrupt_input'): LedgerLine => ({
  at,
  source: { key, etag: 'e', bytes: 7 },
  outcome: 'failed',
  error: { code, message: `${key} is broken, "really"` },
})
const again = (key: string): LedgerLine => ({
  at,
  source: { key, etag: 'e', bytes: 7 },
  outcome: 'retry',
  throttled: false,
  error: { code: 'codec_crashed', message: 'died' },
})

async function collected(): Promise<LedgerLine[]> {
  const ledger = await collectLedger(objects, { prefix: 'p/ledger/', scratchDir: folder })
  const lines = [...ledger.lines()]
  await ledger.close()
  return lines
}

describe('a ledger', () => {
  test('is its parts in the order of source keys, the last attempt’s line about each', async () => {
    await writePart(objects, 'p/ledger/x-2.ndjson.zst', [done('b')])
    await writePart(objects, 'p/ledger/a-1.ndjson.zst', [done('é'), again('b'), failed('a')])
    await writePart(objects, 'p/ledger/a-10.ndjson.zst', [done('\u{1f600}'), done('\uffff')])
    await objects.putFile('p/ledger/notes.txt', import.meta.filename)
    expect((await collected()).map(({ source, outcome }) => [source.key, outcome])).toEqual([
      ['a', 'failed'],
      ['b', 'compressed'],
      ['é', 'compressed'],
      ['\uffff', 'compressed'],
      ['\u{1f600}', 'compressed'],
    ])
  })

  test('keeps the first of two parts of one attempt, and both writers hear what it says', async () => {
    const first = await writePart(objects, 'p/ledger/c-1.ndjson.zst', [done('a')])
    const second = await writePart(objects, 'p/ledger/c-1.ndjson.zst', [failed('a')])
    expect([first, second]).toEqual([[done('a')], [done('a')]])
    expect(await collected()).toEqual([done('a')])
  })

  test('with something foreign among its parts says which it is', async () => {
    await objects.putFile('p/ledger/c-1.ndjson.zst', import.meta.filename)
    await expect(collected()).rejects.toThrow(/p\/ledger\/c-1\.ndjson\.zst is not a part of a ledger/)
  })

  test('comes to a report and to CSV', () => {
    const lines = [
      done('a'),
      done('b, "c"', 300, 100),
      failed('d'),
      failed('e'),
      failed('f', 'poison'),
      again('g'),
    ]
    expect(reportOf(lines)).toEqual({
      files: { total: 6, compressed: 2, kept: 0, skipped: 0, failed: 3, cancelled: 0, unfinished: 1 },
      bytes: { in: 400, out: 140, saved: 260 },
      savingsPercent: 65,
      coreSeconds: 3,
      byType: {
        'image/jpeg': {
          files: 2,
          compressed: 2,
          kept: 0,
          skipped: 0,
          failed: 0,
          bytesIn: 400,
          bytesOut: 140,
        },
        unknown: { files: 3, compressed: 0, kept: 0, skipped: 0, failed: 3, bytesIn: 0, bytesOut: 0 },
      },
      reasons: {},
      topFailures: [
        {
          code: 'corrupt_input',
          count: 2,
          examples: [
            { key: 'd', message: 'd is broken, "really"' },
            { key: 'e', message: 'e is broken, "really"' },
          ],
        },
        { code: 'poison', count: 1, examples: [{ key: 'f', message: 'f is broken, "really"' }] },
      ],
    })
    const [, , second, third] = [...toCsv(lines)]
    expect(second).toBe(
      '"b, ""c""","e-b, ""c""",compressed,,,,image/jpeg,300,100,"out/b, ""c""",x,image/jpeg,,75.5,f,1500,2026-01-01T00:00:00Z\r\n',
    )
    expect(third).toBe(
      'd,e,failed,,corrupt_input,"d is broken, ""really""",,7,,,,,,,,,2026-01-01T00:00:00Z\r\n',
    )
  })
})

describe('the index of what was done', () => {
  const naming = { source: { bucket: 'b', prefix: '' }, output: { prefix: 'out/', keyTemplate: '{path}' } }

  test('says nothing to a job whose outputs go elsewhere, nor about what somebody else’s object kept from being written', async () => {
    const left: LedgerLine = { ...done('b'), outcome: 'skipped', reason: 'output_exists' }
    await writeIndex(objects, '.kompressor/one.1/', naming, [done('a'), left])
    const elsewhere = await openDoneIndex(objects, {
      ...naming,
      output: { ...naming.output, prefix: 'web/' },
    })
    expect(await elsewhere.find('a', 'i-a')).toBeUndefined()
    const same = await openDoneIndex(objects, naming)
    expect(await same.find('a', 'i-a')).toBeDefined()
    expect(await same.find('b', 'i-b')).toBeUndefined()
    await Promise.all([elsewhere.close(), same.close()])
  })

  test('is not written when the ledger cannot be read to its end', async () => {
    function* broken(): Generator<LedgerLine> {
      yield done('a')
      throw new Error('the disk is gone')
    }
    await expect(writeIndex(objects, '.kompressor/one.1/', naming, broken())).rejects.toThrow()
    expect((await objects.list({ prefix: '.kompressor/' })).items).toEqual([])
  })

  const names = Array.from({ length: 500 }, (_, i) => `k${String(i).padStart(4, '0')}`)

  test('answers in the order of keys what an earlier job made of them', async () => {
    await writeIndex(
      objects,
      '.kompressor/one.1/',
      naming,
      names.filter((_, i) => i % 2 === 0).map((name) => done(name)),
    )
    await writeIndex(objects, '.kompressor/two.2/', naming, [
      ...names.filter((_, i) => i % 3 === 0).map((name) => done(name)),
      failed('z'),
    ])
    await writePart(objects, '.kompressor/one.1/ledger/c-1.ndjson.zst', [failed('k0001')])
    const index = await openDoneIndex(objects, naming)
    const found = []
    for (const name of names) if ((await index.find(name, `i-${name}`)) !== undefined) found.push(name)
    expect(found).toEqual(names.filter((_, i) => i % 2 === 0 || i % 3 === 0))
    expect(await index.find('z', 'i-z')).toBeUndefined()
    await index.close()
  })

  test('does not know other versions of an object, nor what comes before', async () => {
    await writeIndex(objects, '.kompressor/one.1/', naming, [done('a'), done('b')])
    const index = await openDoneIndex(objects, naming)
    expect(await index.find('a', 'another')).toBeUndefined()
    expect(await index.find('aa', 'i-aa')).toBeUndefined()
    expect(await index.find('b', 'i-b')).toEqual(
      expect.objectContaining({ outcome: 'compressed', bytesOut: 40 }),
    )
    await index.close()
  })

  test('that cannot be read says how to go without it', async () => {
    await objects.putFile('.kompressor/one.1/index.ndjson.zst', import.meta.filename)
    const index = await openDoneIndex(objects, naming)
    await expect(index.find('a', 'i')).rejects.toThrow(
      /one\.1\/index\.ndjson\.zst is not an index of a ledger; delete it/,
    )
    await index.close()
  })
})

describe('an estimate among the notes', () => {
  const exactly = (value: number) => ({ value, low: value, high: value })
  const estimate: Estimate = {
    version: 1,
    at: '2026-01-01T00:00:00.000Z',
    found: { files: 10, bytes: 1000, empty: 0 },
    sample: { files: 5, bytes: 500, seed: 1, coreSeconds: 1, unreadable: 0 },
    saved: { value: 400, low: 350, high: 470 },
    byType: [],
    byPrefix: [],
    outcomes: { compressed: 10, kept: 0, skipped: 0, failed: 0 },
    failures: [],
    examples: { best: [], worst: [] },
    coreSeconds: exactly(2),
    duration: { replicas: 1, slots: 1, seconds: exactly(2) },
    money: {
      currency: 'USD',
      monthlySavings: exactly(0),
      monthlyWhileBothAreKept: 0,
      requests: 0,
      compute: exactly(0),
      retrieval: 0,
      earlyDeletion: 0,
      oldVersions: 0,
      oldVersionsPerDay: 0,
      upfront: exactly(0),
    },
  }
  const subject = { source: { bucket: 'b', prefix: 'in/' }, output: { prefix: 'out/' } }
  const jobOf = (uid: string, over = {}) => ({ uid, namespace: 'ns', name: 'n', ...subject, ...over })

  test('is what a run over the same source is held against, the newest of several', async () => {
    await writeEstimate(objects, jobOf('old'), { ...estimate, saved: exactly(1) })
    const later = { ...estimate, at: '2026-01-02T00:00:00.000Z' }
    const key = await writeEstimate(objects, jobOf('aaa'), later)
    expect(key).toBe('.kompressor/ns.n.aaa/estimate.json')
    expect(await foretold(objects, subject, 455)).toEqual({
      key,
      at: later.at,
      saved: estimate.saved,
      actual: 455,
      offPercent: 5.5,
      held: true,
    })
    expect(await foretold(objects, subject, 480)).toMatchObject({ held: false, offPercent: 8 })
  })

  test('says nothing of other sources and places, nor when somebody has changed it', async () => {
    await writeEstimate(objects, jobOf('1', { source: { bucket: 'b', prefix: 'other/' } }), estimate)
    await writeEstimate(objects, jobOf('2', { output: { prefix: 'elsewhere/' } }), estimate)
    await objects.put('.kompressor/x/estimate.json', Readable.from([Buffer.from('{oops')]))
    expect(await foretold(objects, subject, 1)).toBeUndefined()
  })
})
