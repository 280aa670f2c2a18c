import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Broker, createEmbeddedBroker } from '../broker/index.ts'
import { createPGliteStore, type PGliteStore } from '../store/index.ts'
import { rememberTopics } from './remember-topics.ts'

describe('rememberTopics', () => {
  let store: PGliteStore
  let real: Broker
  let asked: string[]
  let broker: Broker
  beforeAll(async () => {
    store = await createPGliteStore()
    real = await createEmbeddedBroker({ db: store.client })
  })
  afterAll(async () => {
    await real.close()
    await store.close()
  })
  beforeEach(() => {
    asked = []
    broker = rememberTopics({
      ...real,
      ensureTopic(topic, options) {
        asked.push(`${topic} ${options.partitions}`)
        return real.ensureTopic(topic, options)
      },
    })
  })

  it('asks once for a topic, and again when it is to grow', async () => {
    for (const partitions of [2, 2, 4, 3]) await broker.ensureTopic('grown', { partitions })
    await broker.ensureTopic('other', { partitions: 2 })
    expect(asked).toEqual(['grown 2', 'grown 4', 'other 2'])
    expect(await broker.lag('group', 'grown')).toHaveLength(4)
  })

  it('makes a topic anew that it has deleted', async () => {
    await broker.ensureTopic('a', { partitions: 2 })
    await broker.deleteTopic('a')
    await broker.ensureTopic('a', { partitions: 2 })
    expect(asked).toEqual(['a 2', 'a 2'])
  })

  it('makes a topic anew that somebody else has deleted, once its lag could not be read', async () => {
    await broker.ensureTopic('a', { partitions: 2 })
    await real.deleteTopic('a')
    const lag = await broker.lag('group', 'a').catch(() => undefined)
    await broker.ensureTopic('a', { partitions: 2 })
    expect(lag ?? []).toEqual([])
    expect(await real.lag('group', 'a')).toHaveLength(2)
  })
})
