/**
 * A worker without work: consumes a topic, and for each record writes a line to its standard output when it begins and
 * when it is done with it. Ends in good order on SIGTERM.
 *
 *     node broker-member.fixture.ts BROKERS TOPIC GROUP MS      each record takes MS milliseconds
 */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { createKafkaBroker } from '../../internal/broker/index.ts'

const [brokers = '', topic = '', group = '', ms = '0'] = process.argv.slice(2)
const say = (what: string, value: string) => process.stdout.write(`${what} ${value}\n`)
const broker = createKafkaBroker({
  brokers: brokers.split(','),
  clientId: `member-${process.pid}`,
  sessionTimeoutMs: 6_000,
})
const consumer = await broker.consumeEach({
  topic,
  group,
  concurrency: 4,
  onCrash: (error) => {
    say('crash', error.message)
    process.exit(1)
  },
  handle: async ({ record, start }) => {
    await start()
    say('begin', record.value)
    await delay(Number(ms))
    say('done', record.value)
  },
})
say('ready', topic)
await once(process, 'SIGTERM')
await consumer.stop({ graceMs: 10_000 })
await broker.close()
