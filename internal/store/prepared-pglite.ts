import {
  messages,
  PGlite,
  parse,
  protocol,
  type QueryOptions,
  type Results,
  type Transaction,
} from '@electric-sql/pglite'

/** A statement the server has parsed. */
interface Prepared {
  name: string
  parameterTypes: number[]
  /** What its rows look like; absent for statements without rows. */
  rowDescription: messages.RowDescriptionMessage | undefined
}

type Message = Parameters<typeof parse.parseResults>[0][number]

/** Statements kept prepared. More than the program has; those with lists of values in their text come and go. */
const mostStatements = 100

const { serialize } = protocol

/**
 * PGlite whose statements are parsed once and then run in one exchange. PGlite itself parses and describes each statement
 * each time, in six exchanges, which costs four times the CPU and, since it runs on the event loop, four times the delay.
 */
export class PreparedPGlite extends PGlite {
  readonly #statements = new Map<string, Prepared>()
  #prepared = 0

  override async query<T>(text: string, values?: unknown[], options?: QueryOptions): Promise<Results<T>> {
    await this._checkReady()
    return await this._runExclusiveTransaction(() => this.#run<T>(text, values, options))
  }

  override transaction<T>(callback: (tx: Transaction) => Promise<T>): Promise<T> {
    return super.transaction((tx) => {
      const query = async <R>(text: string, values?: unknown[], options?: QueryOptions) => {
        if (tx.closed) throw new Error('the transaction has ended')
        return await this.#run<R>(text, values, options)
      }
      return callback({ ...tx, query })
    })
  }

  async #run<T>(text: string, values: unknown[] = [], options?: QueryOptions): Promise<Results<T>> {
    return await this._runExclusiveQuery(async () => {
      const { name, parameterTypes, rowDescription } = await this.#prepare(text, options)
      const bound = values.map((value, index) => this.#toText(value, parameterTypes[index], options))
      const answer = await this.#exchange([
        serialize.bind({ statement: name, values: bound }),
        serialize.execute(),
      ])
      const fields = rowDescription?.fields.map(({ name, dataTypeID }) => ({ name, dataTypeID })) ?? []
      const decode = this.#decoder(fields, options)
      const rows = answer.flatMap((message) =>
        message instanceof messages.DataRowMessage ? [decode(message.fields)] : [],
      )
      return { rows: rows as T[], fields }
    })
  }

  /** The statement, parsed now unless it was before; the one not used for longest makes room. */
  async #prepare(text: string, options: QueryOptions | undefined): Promise<Prepared> {
    const known = this.#statements.get(text)
    if (known !== undefined) {
      this.#statements.delete(text)
      this.#statements.set(text, known)
      return known
    }
    const requests: Uint8Array[] = []
    const [oldest] = this.#statements
    if (oldest !== undefined && this.#statements.size >= mostStatements) {
      this.#statements.delete(oldest[0])
      requests.push(serialize.close({ type: 'S', name: oldest[1].name }))
    }
    this.#prepared += 1
    const name = `s${this.#prepared}`
    requests.push(serialize.parse({ name, text, ...(options?.paramTypes && { types: options.paramTypes }) }))
    requests.push(serialize.describe({ type: 'S', name }))
    const answer = await this.#exchange(requests)
    const parameterTypes = parse.parseDescribeStatementResults(answer)
    const rowDescription = answer.find((message) => message instanceof messages.RowDescriptionMessage)
    const prepared = { name, parameterTypes, rowDescription }
    this.#statements.set(text, prepared)
    return prepared
  }

  /** Makes a row of what its columns hold as text. */
  #decoder(
    fields: Results['fields'],
    { parsers = {}, rowMode }: QueryOptions = {},
  ): (texts: readonly (string | null)[]) => unknown {
    const readers = fields.map(({ dataTypeID: type }) => {
      const fromText = parsers[type] ?? this.parsers[type]
      return (text: string) => (fromText === undefined ? text : fromText(text, type))
    })
    const valuesOf = (texts: readonly (string | null)[]) =>
      readers.map((read, index) => {
        const text = texts[index] ?? null
        return text === null ? null : read(text)
      })
    if (rowMode === 'array') return valuesOf
    const names = fields.map(({ name }) => name)
    return (texts) => {
      const values = valuesOf(texts)
      return Object.fromEntries(names.map((name, index) => [name, values[index]]))
    }
  }

  #toText(value: unknown, type: number | undefined, options: QueryOptions | undefined): string | null {
    if (value === null || value === undefined) return null
    const toText = type === undefined ? undefined : (options?.serializers?.[type] ?? this.serializers[type])
    return toText === undefined ? String(value) : toText(value)
  }

  /** Sends requests together. After an error the server ignores the rest of them; the sync at the end makes it listen again. */
  async #exchange(requests: readonly Uint8Array[]): Promise<Message[]> {
    // Node's file system needs no sync of PGlite's own after a statement.
    return await this.execProtocolStream(Buffer.concat([...requests, serialize.sync()]), { syncToFs: false })
  }
}
