import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { defaultOptions } from '../../codec/index.ts'
import type { FileResult } from '../../messages/index.ts'
import { changeFiles, createBatch, type FileRow, type NewFile, queueFiles, type Store } from '../index.ts'
import { queryRows } from '../rows.ts'

export const tenantId = 'default'
export const jobUid = 'default'
export const now = () => new Date()
export const later = (ms: number) => new Date(Date.now() + ms)

const eventRow = z.object({ seq: z.coerce.number(), type: z.string() })

/** A store under test, and rows in the states tests begin with. */
export function fixtureOn(store: Store) {
  const { db } = store
  let counter = 0
  const newId = () => `id-${String(++counter).padStart(8, '0')}`

  function newFile(overrides: Partial<NewFile> = {}): NewFile {
    const id = newId()
    return { id, name: `${id}.jpg`, size: 100, tags: {}, uploadKey: `in/default/${id}`, ...overrides }
  }

  async function newBatch(files: NewFile[], { job = jobUid }: { job?: string } = {}) {
    const id = newId()
    await createBatch(db, {
      id,
      tenantId,
      jobUid: job,
      options: defaultOptions,
      tags: {},
      expiresAt: later(3_600_000),
      files,
    })
    return id
  }

  async function queuedBatch(count: number, options: { job?: string } = {}) {
    const files = Array.from({ length: count }, () => newFile())
    const batchId = await newBatch(files, options)
    await queueFiles(db, {
      tenantId,
      batchId,
      files: files.map((f) => ({ id: f.id, cost: 10 })),
      now: now(),
    })
    return { batchId, ids: files.map((f) => f.id) }
  }

  /** Moves files as the projector would. */
  function settle(
    batchId: string,
    ids: string[],
    state: 'completed' | 'failed',
    { tookMs = 0 }: { tookMs?: number } = {},
  ) {
    return db.transaction((tx) =>
      changeFiles(tx, { batchIds: [batchId], ids, now: now() }, (rows) =>
        rows.map((before) => ({
          before,
          after: {
            ...before,
            ...settled(before, state),
            finishedAt: new Date((before.queuedAt?.getTime() ?? 0) + tookMs),
          },
          task: 'done' as const,
          event: { type: `file.${state}` as const, data: { state } },
        })),
      ),
    )
  }

  function settled(file: FileRow, state: 'completed' | 'failed'): Partial<FileRow> {
    if (state === 'failed') return { state, errorCode: 'corrupt_input', errorMessage: 'x', seq: 1 }
    return { state, seq: 1, result: resultOf(file) }
  }

  function resultOf(file: FileRow): FileResult {
    const output = {
      name: file.name,
      type: 'image/jpeg',
      bytes: 40,
      sha256: 'a',
      key: `out/default/${file.id}/h`,
      etag: 'e',
    }
    return {
      outcome: 'compressed',
      bytesIn: 100,
      bytesOut: 40,
      cpuMs: 1,
      type: 'image/jpeg',
      outputs: [output],
    }
  }

  const eventsOf = (batchId: string) =>
    queryRows(db, eventRow, sql`select seq, type from events where batch_id = ${batchId} order by seq`)

  return { store, db, newId, newFile, newBatch, queuedBatch, settle, eventsOf }
}

export type Fixture = ReturnType<typeof fixtureOn>
