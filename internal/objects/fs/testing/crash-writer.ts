/**
 * A process that writes to a store until it is killed: `node crash-writer.ts ROOT LEDGER`. Before and after every
 * call it appends a line to the ledger, so that whoever killed it knows what must be there.
 */
import { appendFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { createFsObjectStore } from '../store.ts'
import { type LedgerLine, versionBytes } from './ledger.ts'

const [root = '', ledger = ''] = process.argv.slice(2)
const store = await createFsObjectStore({
  root,
  secret: 'a secret of the tests',
  publicUrl: 'http://localhost',
})
const note = (line: LedgerLine) => appendFileSync(ledger, `${JSON.stringify(line)}\n`)
note({ state: 'open' })

/** Each writer has keys of its own, so their last acknowledged version is what must be found. */
async function write(writer: number): Promise<never> {
  for (let version = Date.now(); ; version++) {
    const key = `writer-${writer}/folder-${version % 3}/object`
    const remove = version % 5 === 4
    note({ state: 'started', key, version: remove ? null : version })
    if (remove) await store.delete([key])
    else
      await store.put(key, Readable.from(versionBytes(version)), version % 2 === 0 ? {} : { size: 200_000 })
    note({ state: 'done', key, version: remove ? null : version })
  }
}

await Promise.all([0, 1, 2, 3].map(write))
