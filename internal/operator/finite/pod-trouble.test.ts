import { expect, test } from 'vitest'
import type { Pod } from '../resources.ts'
import { podTrouble } from './pod-trouble.ts'

const pod = (status: Pod['status']): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'photos-planner-x', namespace: 'shop', uid: 'u', resourceVersion: '1' },
  status,
})
const waiting = (reason: string, message?: string) =>
  pod({ containerStatuses: [{ state: { waiting: { reason, ...(message !== undefined && { message }) } } }] })

test.each([
  [
    'a missing Secret',
    waiting('CreateContainerConfigError', 'secret "owner" not found'),
    'SecretMissing',
    /no Secret owner in namespace shop: create it/,
  ],
  [
    'a Secret that lacks a key',
    waiting('CreateContainerConfigError', "couldn't find key AWS_ACCESS_KEY_ID in Secret shop/owner"),
    'SecretIncomplete',
    /Secret shop\/owner has no key AWS_ACCESS_KEY_ID/,
  ],
  [
    'an image that is not there',
    waiting('ImagePullBackOff', 'Back-off pulling image'),
    'ImagePullBackOff',
    /photos-planner-x does not start: ImagePullBackOff, Back-off pulling image\./,
  ],
  [
    'a node that is not there',
    pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }] }),
    'Unschedulable',
    /finds no node: 0\/3 nodes/,
  ],
])('%s is named, with what to do', (_, seen, reason, message) => {
  const trouble = podTrouble([pod({}), seen])
  expect(trouble).toMatchObject({ reason, temporary: true })
  expect(trouble?.message).toMatch(message)
})

test('a pod that is being made, or runs, is no trouble', () => {
  expect(podTrouble([])).toBeUndefined()
  expect(
    podTrouble([pod(undefined), waiting('ContainerCreating'), pod({ containerStatuses: [{ state: {} }] })]),
  ).toBeUndefined()
})
