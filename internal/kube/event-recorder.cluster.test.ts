import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { describeOnCluster, startCuttable } from '../../tools/cluster/index.ts'
import { events } from './event-recorder.ts'
import { type Client, createClient, createEventRecorder, createTransport, loadKubeConfig } from './index.ts'
import { configMap, configMaps } from './kinds.fixture.ts'
import { defineResource } from './resource.ts'

const counted = defineResource(events, {
  count: z.number(),
  message: z.string(),
  involvedObject: z.object({ name: z.string() }),
})
const patience = { timeout: 60_000 }

describeOnCluster('the event recorder', ({ client, namespace, kubeconfig }) => {
  const errors: unknown[] = []
  const begin = (through: Client) =>
    createEventRecorder({
      client: through,
      component: 'kompressor-operator',
      instance: 'pod-1',
      onError: (error) => errors.push(error),
      now: Date.now,
      random: Math.random,
    })
  const told = async (about: string) => {
    const { items } = await client.list(counted, { namespace })
    const own = items.filter(({ involvedObject }) => involvedObject.name === about)
    return own.map((event) => `${event.message} x${event.count}`).sort()
  }

  it('counts repetitions on one Event, and makes a new one when that is gone', async () => {
    const recorder = begin(client)
    const about = await client.create(configMaps, configMap(namespace, 'told'))
    const tell = (message: string) => recorder.record(about, { type: 'Warning', reason: 'Held', message })
    tell('no data')
    await expect.poll(() => told('told'), patience).toEqual(['no data x1'])
    tell('no data')
    await expect.poll(() => told('told'), patience).toEqual(['no data x2'])
    tell('x'.repeat(2000))
    await expect.poll(() => told('told'), patience).toEqual(['no data x2', `${'x'.repeat(1024)} x1`])
    const { items } = await client.list(events, { namespace })
    for (const { metadata } of items) await client.delete(events, metadata)
    tell('no data')
    await recorder.stop()
    expect(await told('told')).toEqual(['no data x1'])
    expect(errors).toEqual([])
  })

  it('writes what it was told while the API server was away, and once what it was not told the end of', async () => {
    const line = await startCuttable(kubeconfig)
    const config = loadKubeConfig({ kubeconfig: line.kubeconfig })
    const transport = createTransport(config, { userAgent: 'kompressor-tests', timeoutMs: 1_000 })
    const far = createClient(transport, { fieldManager: 'kompressor-tests' })
    const recorder = begin(far)
    onTestFinished(async () => {
      await recorder.stop()
      transport.close()
      await line.close()
    })
    const about = await far.create(configMaps, configMap(namespace, 'far'))
    const tell = (message: string) => recorder.record(about, { type: 'Warning', reason: 'Held', message })
    line.deafen()
    tell('nobody hears')
    await expect.poll(() => told('far'), patience).toEqual(['nobody hears x1'])
    line.cut()
    tell('nobody is there')
    tell('nobody hears')
    line.mend()
    await expect.poll(() => told('far'), patience).toEqual(['nobody hears x2', 'nobody is there x1'])
    expect(errors).toEqual([])
  })
})
