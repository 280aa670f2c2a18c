import fc from 'fast-check'
import { expect, test } from 'vitest'
import { objectsNamed } from '../../test/support/chunks.ts'
import { type ChunkCounts, type ChunkReport, noCounts } from '../messages/index.ts'
import { type ChunkRow, contributionOf, packObjects } from '../store/index.ts'
import { foldChunkReports } from './fold-chunk.ts'

const size = 8
const objects = objectsNamed(...Array.from({ length: size }, (_, i) => `n${i}`))
const policy = { maxAttempts: 3, initialBackoffMs: 1_000, maxBackoffMs: 10_000 }
const context = { policy, now: new Date('2026-01-01T00:00:00Z'), random: () => 0 }

const chunk: ChunkRow = {
  id: 'c',
  tenantId: 't',
  jobUid: 'j',
  batchId: 'b',
  fileId: null,
  attempt: 2,
  cost: 800,
  priority: 0,
  state: 'released',
  publishAt: context.now,
  leasedUntil: null,
  releasedAt: context.now,
  releasedPartition: 0,
  traceparent: null,
  createdAt: context.now,
  objects: packObjects(objects),
  objectCount: size,
  failures: 1,
  seq: -1,
  counted: null,
}

const base = { taskId: 'c', batchId: 'b', jobUid: 'j', worker: 'w', at: '2026-01-01T00:00:00Z' }

/** Counts of some of the objects, the rest to be tried again. */
const ended = fc.record({ compressed: fc.nat(3), kept: fc.nat(2), failed: fc.nat(2), throttled: fc.nat(1) })
const attempt = fc.constantFrom(1, 2, 2, 2, 2, 3)

const anyReport: fc.Arbitrary<ChunkReport> = fc.oneof(
  fc.record({ attempt, compressed: fc.nat(size + 1) }).map(({ attempt, compressed }) => {
    const counts: ChunkCounts = {
      ...noCounts,
      compressed,
      bytesIn: compressed * 10,
      bytesOut: compressed * 5,
    }
    return { ...base, attempt, kind: 'chunk.progress' as const, counts }
  }),
  fc.record({ attempt, ended }).map(({ attempt, ended: { compressed, kept, failed, throttled } }) => {
    const again = size - compressed - kept - failed - throttled
    return {
      ...base,
      attempt,
      kind: 'chunk.outcome' as const,
      counts: { ...noCounts, compressed, kept, failed, bytesIn: 100, bytesOut: 60 },
      failures: [],
      reasons: [],
      efforts: [],
      retry: {
        failed: Array.from({ length: again }, (_, i) => i),
        throttled: Array.from({ length: throttled }, (_, i) => again + i),
        codes: [],
      },
      ledger: 'l',
    }
  }),
  fc
    .record({ attempt })
    .map(({ attempt }) => ({ ...base, attempt, kind: 'chunk.split' as const, starts: 3 })),
)

test('no object is ever lost or counted twice, whatever is reported in whatever order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(anyReport, { maxLength: 4 }), { maxLength: 8 }),
      fc.boolean(),
      (folds, cancelled) => {
        let row = chunk
        let taken: string[] = []
        for (const reports of folds) {
          const { change } = foldChunkReports(
            row,
            { state: cancelled ? 'cancelled' : 'running' },
            reports,
            context,
          )
          if (change === undefined) continue
          expect(row.seq).not.toBe(1)
          row = change.after
          taken = [...taken, ...change.successors.flatMap((s) => s.objects.map((o) => o.key))]
          expect(change.successors.every((s) => s.attempt === row.attempt + 1)).toBe(true)
        }
        const { bytesIn, bytesOut, ...counters } = contributionOf(row)
        const counted = Object.values(counters).reduce((sum, n) => sum + n, 0)
        expect(counted + taken.length).toBe(size)
        expect(new Set(taken).size).toBe(taken.length)
        expect(Math.min(bytesIn, bytesOut, ...Object.values(counters))).toBeGreaterThanOrEqual(0)
        if (row.state === 'done') expect(counters.queued + counters.processing).toBe(0)
      },
    ),
    { numRuns: 2_000 },
  )
})

test('the first outcome is the truth, and folding it again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(anyReport, { minLength: 1, maxLength: 6 }), (reports) => {
      const once = foldChunkReports(chunk, { state: 'running' }, reports, context)
      const row = once.change?.after ?? chunk
      const again = foldChunkReports(row, { state: 'running' }, reports, context)
      expect(again.change).toBeUndefined()
    }),
  )
})
