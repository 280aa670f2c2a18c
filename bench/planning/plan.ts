import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultOptions } from '../../internal/codec/index.ts'
import { planPrefix, sourceFilterSchema } from '../../internal/source/index.ts'
import { addPage, createPGliteStore, readPlan } from '../../internal/store/index.ts'
import { chunkJob, newChunkJob } from '../../test/support/chunks.ts'
import { syntheticListing } from '../../test/support/synthetic-listing.ts'

export interface PlanMeasure {
  objects: number
  chunks: number
  seconds: number
  /** Of the whole database at the end, minus that of an empty one. */
  databaseBytes: number
  /** Most resident bytes of this process, database included, in the second half, beyond the most in the first. */
  memoryGrowth: number
}

/** Plans a bucket that does not exist into a database on disk, and measures what that takes. */
export async function measurePlanning(objects: number): Promise<PlanMeasure> {
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-planning-'))
  const store = await createPGliteStore({ dataDir: join(folder, 'database') })
  try {
    await newChunkJob(store)
    const size = async () => {
      const { rows } = await store.client.query<{ bytes: string }>(
        'select pg_database_size(current_database()) as bytes',
      )
      return Number(rows[0]?.bytes)
    }
    const empty = await size()
    const started = performance.now()
    const peaks = { first: 0, second: 0 }
    let chunks = 0
    await planPrefix({
      source: syntheticListing(objects),
      prefix: 'photos/',
      filter: sourceFilterSchema.parse({}),
      options: defaultOptions,
      signal: AbortSignal.any([]),
      sink: {
        read: () => readPlan(store.db, chunkJob.uid),
        add: async (page) => {
          chunks += page.chunks.length
          const state = await addPage(store.db, chunkJob.uid, page, new Date())
          const half = state.foundFiles <= objects / 2 ? 'first' : 'second'
          peaks[half] = Math.max(peaks[half], process.memoryUsage.rss())
          // As the sweeper does every minute.
          if (state.nextPage % 500 === 0) await store.maintain()
          return state
        },
      },
    })
    return {
      objects,
      chunks,
      seconds: (performance.now() - started) / 1_000,
      databaseBytes: (await size()) - empty,
      memoryGrowth: peaks.second - peaks.first,
    }
  } finally {
    await store.close()
    await rm(folder, { recursive: true })
  }
}
