import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { describeServices, services } from '../../../test/support/services.ts'
import { createMetrics } from '../../telemetry/index.ts'
import { holdRecords, numbered, until } from '../contract/fixture.ts'
import { createKafkaBroker, type KafkaBrokerOptions } from './broker.ts'
import { clientFactory } from './client.ts'

function openBroker(options: Partial<KafkaBrokerOptions> = {}) {
  const broker = createKafkaBroker({ brokers: services().kafkaBrokers, clientId: 'test', ...options })
  onTestFinished(() => broker.close())
  return broker
}

async function openTopic(partitions: number) {
  const broker = openBroker()
  const [topic, group] = [`topic-${randomUUID()}`, `group-${randomUUID()}`]
  await broker.ensureTopic(topic, { partitions })
  onTestFinished(() => broker.deleteTopic(topic))
  return { broker, topic, group }
}

describeServices('members of a group on Kafka', () => {
  it('share the partitions; what stays in hand through a rebalance is handed out once', async () => {
    const { broker, topic, group } = await openTopic(4)
    const metrics = createMetrics({ processMetrics: false })
    const first = await holdRecords(openBroker({ metrics }), { topic, group, concurrency: 8 })
    await broker.produce(
      topic,
      [0, 1, 2, 3].map((partition) => ({ partition, value: `before ${partition}` })),
    )
    await until('the first has all four in hand', () => first.deliveries.size === 4)

    const second = await holdRecords(openBroker(), { topic, group, concurrency: 8 })
    const lost = () =>
      [...first.deliveries.values()].filter(({ signal }) => signal.aborted).map(({ record }) => record.value)
    await until('two partitions have moved', () => lost().length === 2)
    await until('the second has what was lost in hand', () => second.deliveries.size === 2)
    expect([...second.deliveries.keys()].toSorted()).toEqual(lost().toSorted())

    first.finish(...numbered(4).map(({ value }) => `before ${value}`))
    second.finish(...lost())
    await until('all is committed', async () =>
      (await broker.lag(group, topic)).every(({ committed, lag }) => committed === 1n && lag === 0),
    )
    expect([first.deliveries.size, second.deliveries.size]).toEqual([4, 2])

    await second.stop()
    await broker.produce(
      topic,
      [0, 1, 2, 3].map((partition) => ({ partition, value: `after ${partition}` })),
    )
    await until('the first has them all again', () => first.deliveries.size === 8)
    first.finish(...numbered(4).map(({ value }) => `after ${value}`))
    await first.stop()
    expect([first.crashes, second.crashes]).toEqual([[], []])
    expect((await broker.lag(group, topic)).map(({ lag }) => lag)).toEqual([0, 0, 0, 0])

    const { body } = await metrics.scrape()
    expect(body).toMatch(/^kompressor_broker_rebalances_total\{topic="topic-.*"\} [2-9]$/m)
    expect(body).toMatch(/^kompressor_broker_commits_total\{outcome="ok"\} [1-9]\d*$/m)
  })

  it('keep their partitions while their work takes longer than their session', async () => {
    const { broker, topic, group } = await openTopic(1)
    await broker.produce(topic, numbered(1))
    const busy = await holdRecords(openBroker({ sessionTimeoutMs: 6_000 }), { topic, group, concurrency: 1 })
    await until('it is in hand', () => busy.deliveries.size === 1)
    const began = performance.now()
    await until('the session would be over', () => performance.now() - began > 8_000)
    expect(busy.deliveries.get('0')?.signal.aborted).toBe(false)
    busy.finish('0')
    await until('it is committed', async () => (await broker.lag(group, topic))[0]?.committed === 1n)
    await busy.stop()
    expect(busy.crashes).toEqual([])
  })

  it('leave before their grace is over, so that others begin with what they had not begun', async () => {
    const { broker, topic, group } = await openTopic(1)
    await broker.produce(topic, numbered(3))
    const leaving = await holdRecords(openBroker({ leaveAfterMs: 200 }), { topic, group, concurrency: 1 })
    await until('one is in hand', () => leaving.deliveries.size === 1)
    const stopped = leaving.stop({ graceMs: 60_000 })
    const next = await holdRecords(openBroker(), { topic, group, concurrency: 3 })
    await until('the next has all', () => next.deliveries.size === 3)
    expect(leaving.deliveries.get('0')?.signal.aborted).toBe(false)
    leaving.finish('0')
    await stopped
    next.finish('0', '1', '2')
    await next.stop()
    expect((await broker.lag(group, topic))[0]).toMatchObject({ committed: 3n, lag: 0 })
  })

  it('read on where they had stopped reading ahead, when what they lost meanwhile comes back', async () => {
    const { broker, topic, group } = await openTopic(2)
    const each = 100
    await broker.produce(topic, [...numbered(each, 0), ...numbered(each, 1)])
    const gate = Promise.withResolvers<void>()
    let begun = 0
    const first = await openBroker().consumeEach({
      topic,
      group,
      concurrency: 1,
      onCrash: (error) => gate.reject(error),
      handle: async () => {
        begun += 1
        await gate.promise
      },
    })
    await until('the first has one in hand', () => begun === 1)
    const began = performance.now()
    await until('it has read all it queues, of both', () => performance.now() - began > 3_000)

    const second = await holdRecords(openBroker(), { topic, group, concurrency: 1 })
    await until('a partition has moved', () => second.deliveries.size === 1)
    await second.stop({ graceMs: 0 })
    gate.resolve()
    await until('the first has done all of both', async () =>
      (await broker.lag(group, topic)).every(({ committed, lag }) => committed === BigInt(each) && lag === 0),
    )
    await first.stop()
  })

  it('crash when somebody deletes their topic; a producer who wrote to it goes on with others', async () => {
    const { broker, topic, group } = await openTopic(1)
    const doomed = `${topic}-doomed`
    await broker.ensureTopic(doomed, { partitions: 1 })
    const bystander = openBroker()
    await bystander.produce(doomed, numbered(1))
    const held = await holdRecords(openBroker(), { topic: doomed, group, concurrency: 1 })
    await until('it reads', () => held.deliveries.size === 1)

    await broker.deleteTopic(doomed)
    const fresh = `${topic}-fresh`
    await broker.ensureTopic(fresh, { partitions: 1 })
    onTestFinished(() => broker.deleteTopic(fresh))
    const began = performance.now()
    await bystander.produce(fresh, numbered(1))
    await bystander.produce(topic, numbered(1))
    // kafkajs would ask for the deleted topic for nine seconds, and then fail.
    expect(performance.now() - began).toBeLessThan(9_000)

    await until('the consumer has crashed', () => held.crashes.length > 0)
    expect(held.crashes[0]).toMatchObject({
      code: 'broker_unavailable',
      message: `topic ${doomed} was deleted`,
    })
    await held.stop({ graceMs: 0 })
  })

  it('read no further ahead than they queue', async () => {
    const { broker, topic, group } = await openTopic(1)
    // What does not compress, about seventeen to a fetch.
    const filler = Buffer.from(crypto.getRandomValues(new Uint8Array(45_000))).toString('base64')
    for (let i = 0; i < 200; i += 1) await broker.produce(topic, [{ value: `${i} ${filler}` }])
    const seen: number[] = []
    const gate = Promise.withResolvers<void>()
    const consumer = await openBroker().consumeEach({
      topic,
      group,
      concurrency: 1,
      onCrash: (error) => gate.reject(error),
      handle: async ({ record }) => {
        seen.push(Number(record.offset))
        await gate.promise
      },
    })
    await until('the first is in hand', () => seen.length === 1)
    const began = performance.now()
    await until('it could have read them all', () => performance.now() - began > 3_000)
    // What it has not read by now it will not find any more.
    const admin = clientFactory({ brokers: services().kafkaBrokers, clientId: 'test' })({}).admin()
    await admin.connect()
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '150' }] })
    await admin.disconnect()
    gate.resolve()
    await until('the last one is done', () => seen.at(-1) === 199)
    await consumer.stop()
    const queued = seen.filter((offset) => offset < 150)
    expect(queued).toEqual(Array.from({ length: queued.length }, (_, i) => i))
    expect(queued.length).toBeGreaterThanOrEqual(64)
    expect(queued.length).toBeLessThan(110)
    expect(seen.slice(queued.length)).toEqual(Array.from({ length: 50 }, (_, i) => 150 + i))
    expect((await broker.lag(group, topic))[0]).toMatchObject({ committed: 200n, lag: 0 })
  })
})
