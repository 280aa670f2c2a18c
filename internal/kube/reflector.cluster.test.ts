import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import {
  type ControlPlane,
  type Cuttable,
  startControlPlane,
  startCuttable,
} from '../../tools/cluster/index.ts'
import {
  type Client,
  createClient,
  createTransport,
  isGone,
  loadKubeConfig,
  type Reflector,
  startReflector,
} from './index.ts'
import { configMap, configMaps } from './kinds.fixture.ts'

const provided = inject('cluster')
/** Its API server is killed here: it must be ours alone. */
const possible = 'ours' in provided && provided.ours
const namespace = 'default'
const patience = { timeout: 30_000, interval: 20 }

type Seen = ReturnType<typeof configMaps.parse>

describe.skipIf(!possible)('the reflector', () => {
  let plane: ControlPlane
  let line: Cuttable
  /** Sees the server directly, whatever happens to the line. */
  let direct: Client
  let reflector: Reflector<Seen> | undefined
  let log: string[] = []
  let errors: unknown[] = []

  const clientOf = (kubeconfig: string) =>
    createClient(createTransport(loadKubeConfig({ kubeconfig }), { userAgent: 'kompressor-tests' }), {
      fieldManager: 'kompressor-tests',
    })

  beforeAll(async () => {
    plane = await startControlPlane({ env: process.env, say: () => undefined })
    line = await startCuttable(plane.kubeconfig)
    direct = clientOf(plane.kubeconfig)
  })
  afterAll(async () => {
    await line?.close()
    await plane?.stop()
  })
  afterEach(async () => {
    await reflector?.stop()
    line.mend()
  })

  /** Watches the objects of one test, over the line. */
  async function observe(
    test: string,
    options: { pageSize?: number; silenceMs?: number; resyncMs?: number } = {},
  ) {
    log = []
    errors = []
    reflector = startReflector({
      client: clientOf(line.kubeconfig),
      resource: configMaps,
      namespace,
      labelSelector: `test=${test}`,
      onChange(change) {
        const { metadata, data } = change.type === 'deleted' ? change.previous : change.object
        log.push(`${change.type} ${metadata.name}${data?.v ?? ''}`)
      },
      onError: (error) => errors.push(error),
      random: Math.random,
      backoff: { baseMs: 50, maxMs: 500 },
      ...options,
    })
    await reflector.synced
    return reflector
  }

  const put = (test: string, name: string, v: string) => {
    const object = configMap(namespace, name, { v })
    return direct.apply(configMaps, { ...object, metadata: { ...object.metadata, labels: { test } } })
  }

  it('lists in pages, then tells every change once', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put('pages', name, '1')
    const { list, get } = await observe('pages', { pageSize: 2 })
    expect(log).toEqual(['added a1', 'added b1', 'added c1', 'added d1', 'added e1'])
    await put('pages', 'a', '2')
    await direct.delete(configMaps, { namespace, name: 'b' })
    await put('pages', 'f', '1')
    await vi.waitUntil(() => log.length === 8, patience)
    expect(log.slice(5)).toEqual(['updated a2', 'deleted b1', 'added f1'])
    expect(list().map(({ metadata }) => metadata.name)).toEqual(['a', 'c', 'd', 'e', 'f'])
    expect(get('default/a')?.data).toEqual({ v: '2' })
  })

  it('goes on after the API server was killed, and neither misses nor repeats a change', async () => {
    await put('restart', 'r1', '1')
    await put('restart', 'r2', '1')
    await observe('restart')
    await plane.stopApiServer()
    // Long enough to fail and back off for some time.
    await vi.waitUntil(() => errors.length > 2, patience)
    await plane.startApiServer()
    await put('restart', 'r1', '2')
    await put('restart', 'r3', '1')
    await direct.delete(configMaps, { namespace, name: 'r2' })
    await vi.waitUntil(() => log.includes('deleted r21'), patience)
    expect(log.toSorted()).toEqual(['added r11', 'added r21', 'added r31', 'deleted r21', 'updated r12'])
  })

  it('lists again when the server no longer knows where it was, and tells only what is new', async () => {
    for (const name of ['g1', 'g2', 'g3']) await put('gone', name, '1')
    await observe('gone')
    line.cut()
    await put('gone', 'g1', '2')
    await direct.delete(configMaps, { namespace, name: 'g2' })
    await put('gone', 'g4', '1')
    const { metadata } = await put('gone', 'g5', '1')
    // A new server remembers nothing of the past: the version we stand at is too old for it.
    await plane.restartApiServer()
    line.mend()
    await vi.waitUntil(() => log.length >= 7, patience)
    expect(log.slice(3).toSorted()).toEqual(['added g41', 'added g51', 'deleted g21', 'updated g12'])
    // And the watch goes on from there.
    await put('gone', 'g5', '2')
    await vi.waitUntil(() => log.at(-1) === 'updated g52', patience)
    expect(metadata.name).toBe('g5')
  })

  it('asks again when the connection has fallen silent', async () => {
    await put('silent', 's1', '1')
    await observe('silent', { silenceMs: 1000 })
    line.stall()
    await put('silent', 's1', '2')
    await vi.waitUntil(() => errors.some((error) => String(error).includes('fell silent')), patience)
    line.mend()
    await vi.waitUntil(() => log.at(-1) === 'updated s12', patience)
    expect(log).toEqual(['added s11', 'updated s12'])
  })

  it('hands out everything again at each resync', async () => {
    await put('resync', 'y1', '1')
    await observe('resync', { resyncMs: 50 })
    await vi.waitUntil(() => log.filter((entry) => entry === 'resync y11').length > 1, patience)
    expect(log[0]).toBe('added y11')
  })

  it('goes on when a handler throws, and reports it', async () => {
    await put('throws', 't1', '1')
    const seen: string[] = []
    errors = []
    reflector = startReflector({
      client: clientOf(line.kubeconfig),
      resource: configMaps,
      namespace,
      labelSelector: 'test=throws',
      onChange(change) {
        seen.push(change.type)
        throw new Error('the handler is at fault')
      },
      onError: (error) => errors.push(error),
      random: Math.random,
    })
    await reflector.synced
    await put('throws', 't1', '2')
    await vi.waitUntil(() => seen.length === 2, patience)
    expect(errors.map(String)).toEqual(Array.from({ length: 2 }, () => 'Error: the handler is at fault'))
    expect(errors.some(isGone)).toBe(false)
  })

  it('rejects those who wait for its first list when it is stopped before', async () => {
    line.cut()
    const early = startReflector({
      client: clientOf(line.kubeconfig),
      resource: configMaps,
      onChange: () => undefined,
      onError: () => undefined,
      random: Math.random,
    })
    await early.stop()
    await expect(early.synced).rejects.toThrow('was stopped')
  })
})
