import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { z } from 'zod'

const entrySchema = z.object({ fileId: z.string(), name: z.string(), sha256: z.string() })
export type LedgerEntry = z.infer<typeof entrySchema>

/** What the service has accepted, as the client knows it: on the disk before the client believes it. */
export class Ledger {
  readonly #path: string
  readonly #file: number

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(path, 'a')
  }

  accept(entry: LedgerEntry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`)
    fsyncSync(this.#file)
  }

  close(): LedgerEntry[] {
    closeSync(this.#file)
    const lines = readFileSync(this.#path, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => entrySchema.parse(JSON.parse(line)))
  }
}
