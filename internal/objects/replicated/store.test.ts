import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KompressorError } from '../../errors/index.ts'
import { bodyOf, expectCode, readText } from '../contract/support.ts'
import { describeObjectStore } from '../contract.ts'
import { createFsObjectStore, type FsObjectStore } from '../fs/index.ts'
import { ObjectServer } from '../fs/testing/object-server.ts'
import type { ObjectStore } from '../port.ts'
import { createReplicatedObjectStore } from './store.ts'

const secret = 'a secret of the tests'
const make = async (publicUrl: () => string = () => 'http://localhost') =>
  createFsObjectStore({ root: await mkdtemp(join(tmpdir(), 'kompressor-replicated-')), secret, publicUrl })

describeObjectStore('replicated', async () => {
  const server = new ObjectServer()
  const [first, second] = [await make(() => server.url), await make()]
  await server.start(first)
  const stop = async () => {
    await server.stop()
    await first.close()
    await second.close()
  }
  return { store: createReplicatedObjectStore(first, [{ name: 'second', store: second }]), stop }
})

describe('a replicated store', () => {
  let folder: string
  let first: FsObjectStore
  let second: FsObjectStore
  let store: ObjectStore
  /** What the replica's next calls fail with. */
  let fault: KompressorError | undefined
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kompressor-replicated-'))
    const open = (name: string) =>
      createFsObjectStore({ root: join(folder, name), secret, publicUrl: 'http://localhost', durable: false })
    first = await open('first')
    second = await open('second')
    fault = undefined
    const replica = new Proxy<ObjectStore>(second, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) =>
          fault === undefined ? Reflect.apply(member, target, args) : Promise.reject(fault)
      },
    })
    store = createReplicatedObjectStore(first, [{ name: 'eu', store: replica }], {
      covers: (key) => key.startsWith('out/'),
    })
  })
  afterEach(async () => {
    await first.close()
    await second.close()
    await rm(folder, { recursive: true })
  })

  const attributes = { contentType: 'text/plain', metadata: { a: 'b' } }
  const away = new KompressorError('storage_unavailable', 'the region is away')

  test('has every object in every replica, and what it does not cover in none', async () => {
    await store.put('out/a', bodyOf('bytes'), { attributes })
    await store.put('in/a', bodyOf('upload'))
    expect(await readText(second, 'out/a')).toBe('bytes')
    expect((await second.head('out/a'))?.attributes).toEqual(attributes)
    expect(await second.head('in/a')).toBeUndefined()
    await store.delete(['out/a', 'in/a'])
    for (const each of [first, second]) expect((await each.list({})).items).toEqual([])
  })

  test('has nothing done while a replica is away, and everything once it is back', async () => {
    fault = away
    await expectCode(store.put('out/a', bodyOf('bytes'), { attributes }), 'replica_unavailable')
    // Written, but not everywhere: looking must not take it for done.
    await expectCode(store.head('out/a'), 'replica_unavailable')
    const again = store.put('out/a', bodyOf('bytes'), { attributes, ifAbsent: true })
    await expectCode(again, 'replica_unavailable')
    fault = undefined
    expect(await store.head('out/a')).toMatchObject({ size: 5, attributes })
    expect(await readText(second, 'out/a')).toBe('bytes')
  })

  test('brings replicas up to an object that is there already', async () => {
    await first.put('out/a', bodyOf('bytes'), { attributes })
    await expectCode(store.put('out/a', bodyOf('other'), { ifAbsent: true }), 'object_exists')
    expect(await readText(second, 'out/a')).toBe('bytes')
    await second.put('out/a', bodyOf('of another work'), { attributes: { metadata: { a: 'c' } } })
    await store.head('out/a')
    expect(await readText(second, 'out/a')).toBe('bytes')
  })

  test('keeps what a deletion could not take everywhere', async () => {
    await store.put('out/a', bodyOf('bytes'))
    fault = away
    await expectCode(store.delete(['out/a']), 'replica_unavailable')
    expect(await first.head('out/a')).toBeDefined()
    fault = undefined
    await store.delete(['out/a'])
    for (const each of [first, second]) expect(await each.head('out/a')).toBeUndefined()
  })

  test('says which replica failed, and that one without rights is not mended by waiting', async () => {
    fault = new KompressorError('storage_denied', 'no rights')
    await expect(store.put('out/a', bodyOf('x'))).rejects.toMatchObject({
      code: 'storage_denied',
      retryable: false,
      message: expect.stringContaining('replica eu'),
    })
  })

  test('is the store itself without replicas', () => {
    expect(createReplicatedObjectStore(first, [])).toBe(first)
  })
})
