import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { vi } from 'vitest'
import { z } from 'zod'
import { createPGliteStore } from '../../../internal/store/index.ts'
import { randomNumbers } from '../../fixtures/index.ts'

const batchSchema = z.object({ id: z.string(), state: z.string() })

export interface NewBatch {
  name?: string
  tags?: Record<string, string>
  options?: object
  /** Bytes by name. */
  files: Readonly<Record<string, Buffer>>
  /** Whether more may come. Default false. */
  open?: boolean
}

/** Submits files as scripts do. Resolves with the batch's id when they are accepted. */
export async function submitBatch(url: string, batch: NewBatch): Promise<string> {
  const { name, tags, options, files, open = false } = batch
  const created = await post(`${url}/v1/batches`, JSON.stringify({ name, tags, options }))
  const { id } = batchSchema.parse(await created.json())
  for (const [file, bytes] of Object.entries(files)) {
    await post(
      `${url}/v1/files?batch=${id}&name=${encodeURIComponent(file)}`,
      new Uint8Array(bytes),
      'application/octet-stream',
    )
  }
  if (!open) await post(`${url}/v1/batches/${id}/complete`, '{}')
  return id
}

/** Waits until nothing of a sealed batch is open. */
export async function waitUntilDone(url: string, id: string): Promise<void> {
  const isDone = async () =>
    batchSchema.parse(await (await fetch(`${url}/v1/batches/${id}`)).json()).state === 'completed'
  await vi.waitUntil(isDone, { timeout: 60_000, interval: 100 })
}

async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
): Promise<Response> {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': type } })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return response
}

/** An hour of work that rises and falls, in a data folder no service has opened yet; the same curve each time. */
export async function seedActivity(dataDir: string): Promise<void> {
  await mkdir(join(dataDir, 'database'), { recursive: true })
  const store = await createPGliteStore({ dataDir: join(dataDir, 'database') })
  const random = randomNumbers(11)
  const now = Math.floor(Date.now() / 10_000) * 10_000
  for (let i = 0; i < 360; i++) {
    const load = Math.max(0, Math.sin((i / 360) * Math.PI * 2.4) + 0.55 + (random() - 0.5) * 0.35)
    const completed = Math.round(load * 26)
    const failed = random() < 0.12 ? Math.round(random() * load * 3) : 0
    const bin = Math.round(9 + load * 3)
    const latency = Array.from({ length: 42 }, (_, n) =>
      n === bin
        ? Math.round(completed * 0.7)
        : n === bin + 2
          ? Math.ceil(completed * 0.25)
          : n === bin + 5
            ? Math.ceil(completed * 0.05)
            : 0,
    )
    const bytes = completed * Math.round(2_400_000 + random() * 900_000)
    await store.db.execute(sql`
      insert into activity (tenant_id, step, at, completed, failed, bytes_in, bytes_out, latency, open)
      values ('default', 10, ${new Date(now - i * 10_000).toISOString()}, ${completed}, ${failed}, ${bytes},
        ${Math.round(bytes * 0.38)}, ${`{${latency.join(',')}}`}::integer[], ${Math.round(load ** 2 * 140)})`)
  }
  await store.close()
}
