import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createFsObjectStore } from '../../internal/objects/index.ts'
import { randomNumbers } from '../fixtures/index.ts'
import { freePort } from '../support/free-port.ts'
import { type Service, startService } from '../support/service.ts'
import { isOpen, StubbornClient } from './client.ts'
import type { Books } from './findings.ts'
import { makeInputs } from './inputs.ts'
import { Ledger } from './ledger.ts'
import { wantedKeys } from './wanted-keys.ts'

export interface ScenarioOptions {
  files: number
  kills: number
  seed: number
  args?: readonly string[]
  /** The whole scenario must end by then, milliseconds. */
  timeoutMs: number
}

export interface Aftermath extends Books {
  /** Files under the object store's folder of contents, and in the scratch folder. */
  blobs: number
  scratch: number
  /** Kills that came while files were being worked on. */
  killsInFlight: number
}

/**
 * Submits files to a real service, kills it at random moments and starts it again, as often as asked, until everything
 * has ended; then looks at what is left, in the service and on its disk.
 */
export async function runScenario(options: ScenarioOptions): Promise<Aftermath> {
  const { files, kills, seed, args = [], timeoutMs } = options
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-crash-'))
  const dataDir = join(folder, 'data')
  const giveUp = AbortSignal.timeout(timeoutMs)
  const random = randomNumbers(seed)
  const port = await freePort()
  const start = (more: readonly string[] = []) => startService({ dataDir, port, args: [...args, ...more] })
  let service = await start()
  try {
    const client = new StubbornClient([service.url], giveUp)
    const inputs = await makeInputs(files)
    const ledger = new Ledger(join(folder, 'ledger.ndjson'))
    const { id: batchId } = await client.createBatch()
    const following = client.follow(batchId)

    const waiting = [...inputs]
    const submitting = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          await client.submit(batchId, next, ledger)
        }
      }),
    )
    // Both are awaited below, after the kills.
    for (const pending of [following, submitting]) pending.catch(() => undefined)
    let killsInFlight = 0
    for (let kill = 0; kill < kills; kill++) {
      await delay(100 + random() * 900, undefined, { signal: giveUp })
      // Every other life gets something done, however slow the machine: what is started and never ends is poison.
      if (kill % 2 === 1) await client.endsMore(batchId)
      const open = (await client.files(batchId)).some(isOpen)
      if (open || waiting.length > 0) killsInFlight++
      await service.kill()
      service = await start()
    }
    await submitting
    await client.seal(batchId)
    while ((await client.batch(batchId)).state !== 'completed')
      await delay(100, undefined, { signal: giveUp })
    const events = await following
    const all = await client.files(batchId)
    const contents = new Map<string, Buffer>()
    for (const { id } of all.filter((f) => f.state === 'completed'))
      contents.set(id, await client.content(id))

    const blobs = join(dataDir, 'objects', 'blobs')
    const expected = wantedKeys(all).size
    service = await sweepOrphans(service, { blobs, expected, start, giveUp })
    return {
      inputs: new Map(inputs.map((input) => [input.name, input])),
      ledger: ledger.close(),
      files: all,
      contents,
      events,
      keys: await listKeys(join(dataDir, 'objects')),
      blobs: await countFiles(blobs),
      scratch: await countFiles(join(dataDir, 'scratch')),
      killsInFlight,
    }
  } catch (error) {
    throw new Error(`${String(error)}\nThe service said:\n${service.output()}`, { cause: error })
  } finally {
    await service.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Every start begins with a sweep; this one takes what is older than a second for an orphan. */
async function sweepOrphans(service: Service, { blobs, expected, start, giveUp }: Sweep): Promise<Service> {
  await service.stop()
  await delay(1_100)
  const sweeping = await start(['--orphan-age', '1s'])
  const patience = AbortSignal.any([giveUp, AbortSignal.timeout(30_000)])
  while (!patience.aborted && (await countFiles(blobs)) > expected) await delay(50)
  await sweeping.stop()
  return sweeping
}

interface Sweep {
  blobs: string
  /** Objects that belong to files. */
  expected: number
  start: (args: readonly string[]) => Promise<Service>
  giveUp: AbortSignal
}

async function listKeys(root: string): Promise<string[]> {
  const store = await createFsObjectStore({ root, secret: Buffer.alloc(32), publicUrl: 'http://localhost' })
  const keys: string[] = []
  let startAfter: string | undefined
  do {
    const page = await store.list({ ...(startAfter !== undefined && { startAfter }) })
    keys.push(...page.items.map((item) => item.key))
    startAfter = page.next
  } while (startAfter !== undefined)
  await store.close()
  return keys
}

async function countFiles(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).length
}
