import { expect, it } from 'vitest'
import { z } from 'zod'
import { describeOnCluster } from '../../tools/cluster/index.ts'
import { events } from './event-recorder.ts'
import { createEventRecorder, defineResource } from './index.ts'
import { configMap, configMaps } from './kinds.fixture.ts'

const counted = defineResource(events, { count: z.number(), message: z.string(), type: z.string() })

describeOnCluster('the event recorder', ({ client, namespace }) => {
  it('counts repetitions on one Event, and makes a new one when that is gone', async () => {
    const errors: unknown[] = []
    const recorder = createEventRecorder({
      client,
      component: 'kompressor-operator',
      instance: 'pod-1',
      onError: (error) => errors.push(error),
      now: () => Date.now(),
    })
    const about = await client.create(configMaps, configMap(namespace, 'told'))
    const tell = async (message: string) => {
      recorder.record(about, { type: 'Warning', reason: 'Held', message })
      await recorder.flush()
      const { items } = await client.list(counted, { namespace })
      return items.map((event) => `${event.message} x${event.count}`).sort()
    }
    expect(await tell('no data')).toEqual(['no data x1'])
    expect(await tell('no data')).toEqual(['no data x2'])
    expect(await tell('x'.repeat(2000))).toEqual(['no data x2', `${'x'.repeat(1024)} x1`])
    const { items } = await client.list(events, { namespace })
    for (const { metadata } of items) await client.delete(events, metadata)
    expect(await tell('no data')).toEqual(['no data x1'])
    expect(errors).toEqual([])
  })
})
