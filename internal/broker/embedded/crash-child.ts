/**
 * A process for crash.test.ts to kill: produces and consumes as fast as it can, and writes down what it was promised.
 * A line that was written is in the kernel and survives the process.
 *
 *     node crash-child.ts DATA_DIR LEDGER_FILE
 */
import { openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import { createEmbeddedBroker } from './broker.ts'

const [dataDir = '', ledgerFile = ''] = process.argv.slice(2)
const ledger = openSync(ledgerFile, 'a')
const note = (...words: (string | number | bigint)[]): void => {
  writeSync(ledger, `${words.join(' ')}\n`)
}

const broker = await createEmbeddedBroker({ db: await PGlite.create(dataDir) })
await broker.ensureTopic('log', { partitions: 3 })
note('life')

await broker.consumeEach({
  topic: 'log',
  group: 'g',
  concurrency: 6,
  onCrash: (error) => {
    throw error
  },
  handle: async ({ record: { partition, offset }, previousStarts, start }) => {
    note('handed', partition, offset, previousStarts)
    await start()
    note('started', partition, offset)
    await delay(Number(offset % 4n))
  },
})

for (let call = 0; ; call += 1) {
  const records = Array.from({ length: (call % 9) + 1 }, (_, i) => ({ value: `${process.pid}-${call}-${i}` }))
  const positions = await broker.produce('log', records)
  for (const [i, { partition, offset }] of positions.entries()) {
    note('acked', partition, offset, records[i]?.value ?? '')
  }
  for (const { partition, committed } of await broker.lag('g', 'log')) note('committed', partition, committed)
}
