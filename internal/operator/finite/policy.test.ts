import { expect, test } from 'vitest'
import type { Condition } from '../schema/index.ts'
import { judgeFailures, stoppedByPolicy } from './policy.ts'

const policy = { maxFailedPercent: 5, minFiles: 200, action: 'Suspend' as const }
const fresh = { before: undefined, generation: 1 }
const held = (observedGeneration: number): Condition[] => [
  {
    type: 'Progressing',
    status: 'False',
    reason: stoppedByPolicy,
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    observedGeneration,
  },
]

test.each([
  ['lets the first files fail', { done: 199, failed: 199 }, fresh, 'GoOn'],
  ['lets as many fail as it says', { done: 200, failed: 10 }, fresh, 'GoOn'],
  ['stops at one more', { done: 200, failed: 11 }, fresh, 'Suspend'],
  [
    'holds what it has stopped, though the share is down again',
    { done: 400, failed: 11 },
    { before: held(1), generation: 1 },
    'Suspend',
  ],
  [
    'judges anew when the spec has changed',
    { done: 400, failed: 11 },
    { before: held(1), generation: 2 },
    'GoOn',
  ],
] as const)('%s', (_, ended, known, verdict) => {
  expect(judgeFailures(policy, ended, known)).toBe(verdict)
})

test('does what the spec says', () => {
  expect(judgeFailures({ ...policy, action: 'Fail' }, { done: 200, failed: 200 }, fresh)).toBe('Fail')
  expect(judgeFailures({ ...policy, maxFailedPercent: 100 }, { done: 200, failed: 200 }, fresh)).toBe('GoOn')
})
