import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { type EventColumns, followEvents } from '../../docs/examples/follow-events.ts'
import { defaultOptions } from '../../internal/codec/index.ts'
import { acceptLoneFile, cancelBatch, createPostgresStore, eventsSince } from '../../internal/store/index.ts'
import { describeServices, uniqueName, useDatabase } from '../support/services.ts'

describeServices('a reader of changes in the database', () => {
  const database = useDatabase()

  test('gets every event once and in order, as the documentation sets it up, over restarts of its own', async () => {
    const store = await createPostgresStore({ url: database(), onError: () => undefined })
    onTestFinished(() => store.close())
    const client = new pg.Client({ connectionString: database() })
    await client.connect()
    onTestFinished(() => client.end())
    const slot = uniqueName().replaceAll('-', '_')
    for (const statement of await documented(slot)) await client.query(statement)
    onTestFinished(async () => void (await client.query('select pg_drop_replication_slot($1)', [slot])))

    const now = new Date()
    const change = async (batchId: string) => {
      await acceptLoneFile(store.db, {
        tenantId: 'default',
        jobUid: 'default',
        newBatchId: batchId,
        options: defaultOptions,
        expiresAt: new Date(now.getTime() + 86_400_000),
        file: {
          id: `file-of-${batchId}`,
          name: 'a.jpg',
          tags: {},
          uploadKey: `in/default/${batchId}`,
          size: 1,
        },
        cost: 1,
        now,
      })
      await cancelBatch(store.db, { tenantId: 'default', batchId, now })
    }
    const takeOnce = async () => {
      const taken: EventColumns[] = []
      const enough = new AbortController()
      await followEvents({
        client,
        slot,
        publication: 'kompressor_events',
        signal: enough.signal,
        onEvents: async (events) => {
          taken.push(...events)
          if (taken.at(-1)?.type === 'batch.completed' || taken.at(-1)?.type === 'batch.cancelled')
            enough.abort()
        },
      })
      return taken
    }
    for (const batchId of ['first', 'second']) {
      await change(batchId)
      const taken = await takeOnce()
      const written = await eventsSince(store.db, { batchId, after: 0, limit: 100 })
      expect(written.length).toBeGreaterThan(1)
      expect(taken.map((event) => ({ ...event, data: JSON.parse(event.data ?? '') }))).toMatchObject(
        written.map(({ seq, type, data }) => ({ batch_id: batchId, seq: String(seq), type, data })),
      )
    }
    // A reader that fails over an event gets it again.
    await change('third')
    const broken = followEvents({
      client,
      slot,
      publication: 'kompressor_events',
      signal: AbortSignal.any([]),
      onEvents: async () => {
        throw new Error('the warehouse is closed')
      },
    })
    await expect(broken).rejects.toThrow('the warehouse is closed')
    expect((await takeOnce()).map(({ batch_id }) => batch_id)).toContain('third')
  }, 120_000)
})

/** The statements of docs/operations.md, for a slot of this name. */
async function documented(slot: string): Promise<string[]> {
  const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const [, block = ''] = /```sql\n(create publication [\s\S]*?)```/.exec(page) ?? []
  expect(block).toContain("'warehouse'")
  return block
    .replace("'warehouse'", `'${slot}'`)
    .split(';')
    .filter((statement) => statement.trim() !== '')
}
