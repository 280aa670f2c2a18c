import { expect, test } from 'vitest'
import { isStale, progressOf, stateOf, toneOf, words } from './state.ts'

const at = '2026-01-01T00:00:00Z'
const condition = (type: string, status: 'True' | 'False', reason: string) => ({
  type,
  status,
  reason,
  message: `${reason}!`,
  lastTransitionTime: at,
})
const ready = condition('Ready', 'True', 'InPlace')

test.for([
  [[], 'New', 'plain'],
  [[ready], 'Ready', 'plain'],
  [[ready, condition('Progressing', 'True', 'Working')], 'Working', 'busy'],
  [[ready, condition('Progressing', 'True', 'WaitingForWorkers')], 'Waiting for workers', 'warn'],
  [[ready, condition('Progressing', 'False', 'Idle')], 'Idle', 'plain'],
  [[ready, condition('Degraded', 'True', 'LagUnknown')], 'Degraded', 'warn'],
  [[condition('Ready', 'False', 'BrokerUnavailable')], 'Broker unavailable', 'bad'],
  [[ready, condition('Complete', 'True', 'AllDone')], 'Complete', 'good'],
  [
    [ready, condition('Complete', 'True', 'AllDone'), condition('Failed', 'True', 'TooMany')],
    'Failed',
    'bad',
  ],
] as const)('conditions %j are said as %s', ([conditions, label, tone]) => {
  expect(stateOf({ conditions: [...conditions] })).toMatchObject({ label, tone })
})

test('what is wrong comes with its message, and a suspended job says so', () => {
  expect(stateOf({ conditions: [condition('Ready', 'False', 'Forbidden')] }).message).toBe('Forbidden!')
  expect(stateOf({ conditions: [ready], suspended: true })).toEqual({ label: 'Suspended', tone: 'plain' })
  expect(words('SourceNotSupported')).toBe('Source not supported')
})

test('a condition is good or bad news by what it is about', () => {
  expect(toneOf(ready)).toBe('good')
  expect(toneOf(condition('Ready', 'False', 'x'))).toBe('bad')
  expect(toneOf(condition('PartitionBound', 'True', 'x'))).toBe('warn')
  expect(toneOf(condition('Degraded', 'False', 'x'))).toBe('plain')
})

test('done are files with a result, whatever it is', () => {
  expect(progressOf({ files: { found: 10, completed: 3, kept: 2, skipped: 1, failed: 1 } })).toEqual({
    done: 6,
    failed: 1,
    found: 10,
  })
  expect(progressOf({})).toEqual({ done: 0, failed: 0, found: 0 })
})

test('what nobody looked at for a minute is old when there is something to do, and only then', () => {
  const job = { uid: 'u', namespace: 'n', name: 'j', observedAt: at, conditions: [] }
  const later = Date.parse(at) + 61_000
  expect(isStale({ ...job, lag: { records: 3 } }, later)).toBe(true)
  expect(isStale({ ...job, lag: { records: 3 } }, later - 5000)).toBe(false)
  expect(isStale(job, later)).toBe(false)
})
