/**
 * Three idle consumers for some seconds: prints the processor time they took, in milliseconds.
 *
 *     node idle.fixture.ts BROKERS quiet|loud      loud is kafkajs as it comes
 */
import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { createKafkaBroker } from './broker.ts'

const [brokers = '', mode] = process.argv.slice(2)
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue')
const original = prototype.scheduleCheckPendingRequests
const broker = createKafkaBroker({ brokers: brokers.split(','), clientId: 'idle' })
if (mode === 'loud') prototype.scheduleCheckPendingRequests = original

const topic = `idle-${process.pid}`
await broker.ensureTopic(topic, { partitions: 3 })
await broker.produce(topic, [{ value: 'x' }])
for (const group of ['a', 'b', 'c']) {
  await broker.consumeEach({
    topic,
    group: `${topic}-${group}`,
    concurrency: 1,
    handle: async () => undefined,
    onCrash: (error) => {
      throw error
    },
  })
}
// Joined, read, and the first compilation over.
await delay(3_000)
const before = process.cpuUsage()
await delay(4_000)
const { user, system } = process.cpuUsage(before)
process.stdout.write(`${(user + system) / 1_000}\n`)
await broker.deleteTopic(topic)
await broker.close()
