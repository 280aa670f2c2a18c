import { expect, test } from 'vitest'
import { isLimited, shareOf } from './limits.ts'
import type { Deployment } from './resources.ts'

const limits = { requestsPerSecond: 90, bytesPerSecond: 9_000 }
const workers = (readyReplicas: number): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a-worker', namespace: 'a', uid: 'u', resourceVersion: '1' },
  spec: {},
  status: { readyReplicas },
})

test.each([
  ['nobody is ready', undefined, false, 90],
  ['the planner is alone', undefined, true, 90],
  ['three are ready', workers(3), false, 30],
  ['the planner reads beside two', workers(2), true, 30],
])('limits are divided by those who use them: %s', (_, deployment, planning, requestsPerSecond) => {
  expect(shareOf({ limits }, { deployment, planning })).toEqual({
    requestsPerSecond,
    bytesPerSecond: requestsPerSecond * 100,
  })
})

test('what is not limited is nobody’s share', () => {
  const at = { deployment: workers(2), planning: false }
  expect(shareOf({ limits: { bytesPerSecond: 2_048 } }, at)).toEqual({ bytesPerSecond: 1_024 })
  expect(shareOf({}, at)).toBeUndefined()
})

test.each([
  ['said just now', limits, 100_000, true],
  ['said a while ago', limits, 80_000, false],
  ['never said', limits, null, false],
  ['said when there were limits', undefined, 100_000, false],
])('a job is limited when its pods say so: %s', (_, given, limitedAtMs, expected) => {
  expect(isLimited({ limits: given }, { limitedAtMs }, new Date(100_000))).toBe(expected)
})
