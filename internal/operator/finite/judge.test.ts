import { expect, test } from 'vitest'
import { specSchema } from '../schema/index.ts'
import type { FiniteFigures } from './figures.ts'
import { type Judged, judge } from './judge.ts'

const spec = specSchema.parse({
  source: { s3: { bucket: 'photos' } },
  output: { s3: { bucket: 'small' } },
  compression: { images: {} },
})
const figures: FiniteFigures = {
  found: 10,
  leftOut: 0,
  planned: true,
  queued: 0,
  processing: 0,
  compressed: 8,
  kept: 1,
  skipped: 1,
  failed: 0,
  cancelled: 0,
  bytesIn: 100,
  bytesOut: 50,
  coreSeconds: 1,
  workMs: 1,
  failures: [],
  estimate: undefined,
  ended: 'completed',
  reported: true,
}
const usual: Judged = {
  figures,
  spec,
  stopped: false,
  failedByPolicy: false,
  starved: false,
  trouble: undefined,
  held: undefined,
  limited: false,
}
const failures = [{ code: 'truncated_input', count: 3, example: 'a.jpg: ends too early' }]
const open = { ...figures, ended: undefined, reported: false }
const trouble = { reason: 'StorageDenied', message: 'no.', temporary: true }

const said = (judged: Partial<Omit<Judged, 'figures'>> & { figures?: Partial<FiniteFigures> }) =>
  Object.fromEntries(
    judge({ ...usual, ...judged, figures: { ...figures, ...judged.figures } })
      .filter(({ type }) => type !== 'Throttled')
      .map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  )
test.each<[Judged['held'], string, string | undefined]>([
  [undefined, 'false NotThrottled', undefined],
  [{ code: 'storage_throttled', message: 'no', at: '' }, 'true StorageThrottled', undefined],
  [{ code: 'url_throttled', message: 'no', at: '' }, 'true UrlThrottled', undefined],
  [{ code: 'storage_full', message: 'no', at: '' }, 'false NotThrottled', 'true StorageFull'],
  [{ code: 'replica_unavailable', message: 'no', at: '' }, 'false NotThrottled', 'true ReplicaUnavailable'],
])('what holds the workers up (%j) is Throttled %s, Degraded %s', (held, throttled, degraded) => {
  const found = Object.fromEntries(
    judge({ ...usual, figures: open, held }).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  )
  expect(found.Throttled).toBe(throttled)
  expect(found.Degraded).toBe(degraded)
})

test('limits that hold the workers up are Throttled too, unless a store wants even less', () => {
  const limits = { requestsPerSecond: 50, bytesPerSecond: 1_000_000 }
  const throttled = (held: Judged['held']) =>
    judge({ ...usual, figures: open, spec: { ...spec, limits }, limited: true, held }).find(
      ({ type }) => type === 'Throttled',
    )
  expect(throttled(undefined)).toMatchObject({
    status: true,
    reason: 'Limited',
    message:
      'spec.limits allow 50 requests and 1000000 bytes a second, and the workers take all of it. None are added; raise the limits to go faster.',
  })
  expect(throttled({ code: 'storage_throttled', message: 'no', at: '' })?.reason).toBe('StorageThrottled')
})

const none = { Complete: 'false NotEnded', Failed: 'false NotEnded' }

test.each([
  [
    'reading',
    { figures: { ...open, planned: false, found: 0 } },
    { Planned: 'false Reading', Progressing: 'true Planning', ...none },
  ],
  [
    'reading and working',
    { figures: { ...open, planned: false, queued: 5 } },
    { Planned: 'false Reading', Progressing: 'true Working', ...none },
  ],
  [
    'kept from its bucket',
    { figures: { ...open, planned: false }, trouble },
    { Planned: 'false StorageDenied', Progressing: 'false StorageDenied', ...none },
  ],
  [
    'without workers',
    { figures: { ...open, queued: 5 }, starved: true },
    { Planned: 'true SourceRead', Progressing: 'true WaitingForWorkers', ...none },
  ],
  [
    'suspended',
    { figures: { ...open, queued: 5 }, spec: { ...spec, suspend: true } },
    { Planned: 'true SourceRead', Progressing: 'false Suspended', ...none },
  ],
  [
    'held by the policy',
    { figures: { ...open, queued: 5, failed: 4, failures }, stopped: true },
    { Planned: 'true SourceRead', Progressing: 'false FailurePolicy', ...none },
  ],
  [
    'done but for its report',
    { figures: { reported: false } },
    { Planned: 'true SourceRead', Progressing: 'true WritingReport', ...none },
  ],
  [
    'done',
    {},
    {
      Planned: 'true SourceRead',
      Progressing: 'false Ended',
      Complete: 'true AllDone',
      Failed: 'false AllDone',
    },
  ],
  [
    'done with failures',
    { figures: { failed: 3, failures } },
    {
      Planned: 'true SourceRead',
      Progressing: 'false Ended',
      Complete: 'false FilesFailed',
      Failed: 'true FilesFailed',
    },
  ],
  [
    'without files',
    { figures: { found: 0 } },
    {
      Planned: 'true SourceRead',
      Progressing: 'false Ended',
      Complete: 'true NothingFound',
      Failed: 'false NothingFound',
    },
  ],
  [
    'ended by the policy',
    { figures: { ended: 'cancelled', failed: 4, failures }, failedByPolicy: true },
    {
      Planned: 'true SourceRead',
      Progressing: 'false Ended',
      Complete: 'false FailurePolicy',
      Failed: 'true FailurePolicy',
    },
  ],
  [
    'cancelled',
    { figures: { ended: 'cancelled', cancelled: 4 } },
    {
      Planned: 'true SourceRead',
      Progressing: 'false Ended',
      Complete: 'false Cancelled',
      Failed: 'true Cancelled',
    },
  ],
] as const)('what is said of a job that is %s', (_, judged, expected) => {
  expect(said(judged)).toEqual(expected)
})

test('the first causes are named, with how many and an example', () => {
  const failed = judge({ ...usual, figures: { ...figures, failed: 3, failures } }).find(
    ({ type }) => type === 'Failed',
  )
  expect(failed?.message).toBe(
    '3 of 10 files failed: truncated_input (3, such as a.jpg: ends too early). The report and the ledger beside the outputs name them all.',
  )
  const stopped = judge({ ...usual, stopped: true, figures: { ...open, failed: 3, failures } })[1]
  expect(stopped?.message).toMatch(
    /^3 of the 13 files that are done failed, more than 5 %: truncated_input .*raise spec.failurePolicy.maxFailedPercent/,
  )
})

test('an estimate ends complete with what it says', () => {
  const estimate = { files: 1000, bytes: 2e9, sampled: 400, bytesSaved: 9e8, low: 8.5e8, high: 9.6e8 }
  const conditions = judge({ ...usual, figures: { ...figures, found: 0, estimate } })
  expect(conditions.find(({ type }) => type === 'Complete')).toEqual({
    type: 'Complete',
    status: true,
    reason: 'Estimated',
    message: 'Of 1000 files a run would save 45.0 % of the bytes, with 95 % confidence 42.5 % to 48.0 %.',
  })
  expect(conditions.find(({ type }) => type === 'Planned')?.message).toBe(
    'The source has 1000 files for this job; 400 were looked at.',
  )
})
