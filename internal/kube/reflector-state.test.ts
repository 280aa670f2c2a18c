import { describe, expect, it } from 'vitest'
import { type Change, ReflectorState } from './reflector-state.ts'
import type { KubeObject } from './resource.ts'

const object = (name: string, version: number, uid = `uid-${name}`): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'n', name, uid, resourceVersion: String(version) },
})

const told = (changes: Change<KubeObject>[]) =>
  changes.map((change) => {
    const { metadata } = change.type === 'deleted' ? change.previous : change.object
    return `${change.type} ${metadata.name}@${metadata.resourceVersion}`
  })

function stateOf(...items: KubeObject[]): ReflectorState<KubeObject> {
  const state = new ReflectorState<KubeObject>()
  state.replace(items)
  return state
}

describe('ReflectorState', () => {
  it('tells what a list has new, changed and no longer', () => {
    const state = stateOf(object('same', 1), object('changed', 2), object('gone', 3))
    const changes = state.replace([object('same', 1), object('changed', 9), object('new', 8)])
    expect(told(changes)).toEqual(['deleted gone@3', 'updated changed@9', 'added new@8'])
    expect(state.list()).toHaveLength(3)
  })

  it('tells nothing when the list is as everything was', () => {
    expect(stateOf(object('a', 1)).replace([object('a', 1)])).toEqual([])
  })

  it('takes an object under the name of another for a deletion and an addition', () => {
    const changes = stateOf(object('a', 1)).replace([object('a', 7, 'another')])
    expect(told(changes)).toEqual(['deleted a@1', 'added a@7'])
  })

  it.each([
    ['an addition', 'ADDED', object('b', 5), ['added b@5']],
    ['a modification', 'MODIFIED', object('a', 5), ['updated a@5']],
    ['an addition of what the list had', 'ADDED', object('a', 1), []],
    ['a deletion', 'DELETED', object('a', 6), ['deleted a@1']],
    ['a deletion of what is not there', 'DELETED', object('b', 6), []],
  ] as const)('tells %s', (_, type, changed, expected) => {
    expect(told(stateOf(object('a', 1)).apply({ type, object: changed }))).toEqual(expected)
  })

  it('gives an updated object together with what it was', () => {
    const changes = stateOf(object('a', 1)).apply({ type: 'MODIFIED', object: object('a', 2) })
    expect(changes).toEqual([{ type: 'updated', object: object('a', 2), previous: object('a', 1) }])
  })

  it('takes a bookmark for no change', () => {
    expect(stateOf(object('a', 1)).apply({ type: 'BOOKMARK', resourceVersion: '99' })).toEqual([])
  })
})
