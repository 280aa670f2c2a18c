import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createPGliteStore, dueObjectDeletions, queueObjectDeletions } from '../../internal/store/index.ts'
import { randomBytes } from '../fixtures/index.ts'
import { eventually } from '../support/parts.ts'
import { type Service, startService } from '../support/service.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

const MiB = 1024 ** 2
const disk = await mountSmallDisk(24)
afterAll(() => disk?.remove())

const fileSchema = z.looseObject({ id: z.string(), state: z.string(), attempts: z.number() })

function post(service: Service, name: string, bytes: Buffer, headers: Record<string, string> = {}) {
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(bytes)]), name)
  return fetch(`${service.url}/v1/files`, { method: 'POST', body: form, headers })
}
async function status(service: Service, id: string) {
  return fileSchema.parse(await (await fetch(`${service.url}/v1/files/${id}`)).json())
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Text that shrinks to about half. */
const text = (seed: number) => Buffer.from(randomBytes(MiB / 2, seed).toString('hex'))

/** The service with its objects and its scratch folder on the small disk, and its database elsewhere. */
async function serviceOn({ path }: SmallDisk): Promise<Service> {
  const elsewhere = await mkdtemp(join(tmpdir(), 'kompressor-database-'))
  onTestFinished(() => rm(elsewhere, { recursive: true }))
  await mkdir(join(elsewhere, 'database'))
  await symlink(join(elsewhere, 'database'), join(path, 'database'))
  const service = await startService({ dataDir: path, args: ['--slots', '1', '--max-attempts', '50'] })
  onTestFinished(() => service.kill())
  return service
}

test.skipIf(disk === undefined)(
  'a full disk refuses uploads, holds up files in work and harms nothing',
  async () => {
    if (disk === undefined) return
    const service = await serviceOn(disk)
    const input = text(1)
    await disk.fill(input.length + MiB / 4)
    // Its bytes fit. What is made of them does not.
    const accepted = await post(service, 'text.txt', input)
    expect(accepted.status).toBe(202)
    const { id } = fileSchema.parse(await accepted.json())
    await eventually(async () => (await status(service, id)).attempts).toBeGreaterThanOrEqual(2)

    const refused = await post(service, 'more.txt', text(2))
    expect(refused.status).toBe(507)
    expect(await refused.json()).toMatchObject({ status: 507, code: 'storage_full' })
    await disk.fill(0)
    const none = await post(service, 'tiny.txt', Buffer.from('a few bytes'.repeat(900)))
    expect(none.status).toBe(507)

    await disk.drain()
    await eventually(async () => (await status(service, id)).state).toBe('completed')
    const output = await fetch(`${service.url}/v1/files/${id}/content`)
    expect(zstdDecompressSync(Buffer.from(await output.arrayBuffer())).equals(input)).toBe(true)

    const after = await post(service, 'after.txt', text(3), { prefer: 'wait=30' })
    expect(await after.json()).toMatchObject({ state: 'completed' })
    expect(await service.stop()).toBe(0)
    expect(await filesIn(join(disk.path, 'scratch'))).toEqual([])
    expect(await filesIn(join(disk.path, 'objects', 'pending'))).toEqual([])
    // Two uploads and two outputs, and no contents beside them.
    expect(await filesIn(join(disk.path, 'objects', 'keys'))).toHaveLength(4)
    expect(await filesIn(join(disk.path, 'objects', 'blobs'))).toHaveLength(4)
  },
)

test.skipIf(disk === undefined)(
  'a start on a full disk says so, and the next one finds everything',
  async () => {
    if (disk === undefined) return
    const full = await mountSmallDisk(96)
    if (full === undefined) return
    onTestFinished(() => full.remove())
    const dataDir = join(full.path, 'database')
    const store = await createPGliteStore({ dataDir })
    await store.client.exec(`insert into object_deletions (key) values ('kept')`)
    await store.close()
    await full.fill(0)
    await expect(createPGliteStore({ dataDir })).rejects.toMatchObject({
      code: 'storage_full',
      message: expect.stringContaining('is full; make room'),
    })
    await full.drain()
    const again = await createPGliteStore({ dataDir })
    expect(await dueObjectDeletions(again.db, 10)).toEqual(['kept'])
    await again.close()
  },
)

test.skipIf(disk === undefined)(
  'a database whose disk fills up refuses writes and keeps what it has',
  async () => {
    if (disk === undefined) return
    const full = await mountSmallDisk(96)
    if (full === undefined) return
    onTestFinished(() => full.remove())
    const dataDir = join(full.path, 'database')
    const store = await createPGliteStore({ dataDir })
    const note = (key: string) => queueObjectDeletions(store.db, [key.padEnd(1_000, '.')])
    await full.fill(256 * 1024)
    let kept = 0
    const fillUp = async () => {
      for (; kept < 1_000; kept++) await note(`key-${kept}-`)
    }
    await expect(fillUp()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('No space left') },
    })
    expect(kept).toBeGreaterThan(0)
    expect(await dueObjectDeletions(store.db, 2_000)).toHaveLength(kept)
    await full.drain()
    await note('room again')
    await store.close()
    const again = await createPGliteStore({ dataDir })
    expect(await dueObjectDeletions(again.db, 2_000)).toHaveLength(kept + 1)
    await again.close()
  },
)
