import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Broker, Consumer, Delivery, IncomingRecord } from '../port.ts'

/** A broker under test, and how to leave and re-enter it. */
export interface BrokerHarness {
  broker: Broker
  /** Closes the broker and opens another one on the same data. */
  reopen(): Promise<Broker>
  /** Closes the broker that is open and removes what the harness made. */
  dispose(): Promise<void>
}

export type MakeBroker = () => Promise<BrokerHarness>

/** How long a condition may take to come true, milliseconds. Generous: brokers in other processes rebalance first. */
export const deadlineMs = 20_000

/** Waits for a condition; the test fails with `what` when it does not come true. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = deadlineMs,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await delay(5)
  }
}

/** A broker with a topic and a group nobody else uses, disposed of with the test. */
export async function open(makeBroker: MakeBroker, { partitions = 1 } = {}) {
  const harness = await makeBroker()
  onTestFinished(() => harness.dispose())
  const topic = `topic-${randomUUID()}`
  const group = `group-${randomUUID()}`
  await harness.broker.ensureTopic(topic, { partitions })
  return { broker: harness.broker, reopen: harness.reopen, topic, group }
}

/** Values `0` to `count - 1`, optionally all for one partition. */
export function numbered(count: number, partition?: number) {
  return Array.from({ length: count }, (_, i) => ({
    value: String(i),
    ...(partition === undefined ? {} : { partition }),
  }))
}

/** For tests in which the consumer must not crash. */
export function unexpectedCrash(error: Error): void {
  throw error
}

/** Takes the next `count` records of a group, in the order they come, then stops. */
export async function takeRecords(
  broker: Broker,
  { topic, group, count }: { topic: string; group: string; count: number },
): Promise<IncomingRecord[]> {
  const taken: IncomingRecord[] = []
  const consumer = await broker.consumeBatches({
    topic,
    group,
    maxBatch: 1_000,
    onCrash: unexpectedCrash,
    handle: async (records) => void taken.push(...records),
  })
  await until(`${count} records arrive, after ${taken.length}`, () => taken.length >= count)
  await consumer.stop()
  return taken
}

/** A consumer whose handlers end only when the test says so. */
export interface HeldConsumer extends Consumer {
  /** What is or was in hand, by value. */
  deliveries: Map<string, Delivery>
  crashes: Error[]
  /** Marks these records done, now or as soon as they come. */
  finish(...values: string[]): void
  /** Throws in the handler of this record, which must be in hand. */
  fail(value: string): void
}

export async function holdRecords(
  broker: Broker,
  {
    topic,
    group,
    concurrency,
    start = () => false,
  }: { topic: string; group: string; concurrency: number; start?: (value: string) => boolean },
): Promise<HeldConsumer> {
  const deliveries = new Map<string, Delivery>()
  const crashes: Error[] = []
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const gateOf = (value: string) => {
    const gate = gates.get(value) ?? Promise.withResolvers<void>()
    gates.set(value, gate)
    return gate
  }
  const consumer = await broker.consumeEach({
    topic,
    group,
    concurrency,
    onCrash: (error) => crashes.push(error),
    handle: async (delivery) => {
      const { value } = delivery.record
      if (start(value)) await delivery.start()
      deliveries.set(value, delivery)
      const aborted = Promise.withResolvers<never>()
      delivery.signal.addEventListener('abort', () => aborted.reject(delivery.signal.reason))
      await Promise.race([gateOf(value).promise, aborted.promise])
    },
  })
  return {
    deliveries,
    crashes,
    finish: (...values) => {
      for (const value of values) gateOf(value).resolve()
    },
    fail: (value) => gateOf(value).reject(new Error(`handler of ${value} failed`)),
    stop: (options) => consumer.stop(options),
  }
}
