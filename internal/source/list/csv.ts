import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { z } from 'zod'
import { KompressorError } from '../../errors/index.ts'
import { entryOf, type ListEntry } from './entry.ts'

/** How a CSV file is read. */
export const csvRulesSchema = z.object({
  /** Whether the first line names the columns. */
  header: z.boolean(),
  delimiter: z.string().length(1),
  /** Columns by name when there is a header, else by number from 1. */
  columns: z.object({ url: z.string(), key: z.string().optional() }),
})

export type CsvRules = z.infer<typeof csvRulesSchema>

/** Longest line, characters: an address and a key have far less, and a quote that is never closed has all the rest. */
const longestLine = 65_536

interface Row {
  /** Where it begins, counted from 1. */
  line: number
  fields: string[]
}

/**
 * Reads a list of addresses, line by line at constant memory. Every line that is not empty gives an entry; one that
 * cannot be used says why. Throws bad_list when the columns are not there.
 */
export async function* readCsv(input: Readable, rules: CsvRules): AsyncGenerator<ListEntry> {
  let columns = rules.header ? undefined : numbered(rules.columns)
  for await (const row of rowsOf(input, rules.delimiter)) {
    if ('fault' in row) yield row
    else if (columns === undefined) columns = named(rules, row.fields)
    else yield entryIn(row, columns, rules)
  }
  if (columns === undefined) throw badList('is empty, and should name its columns in its first line')
}

interface Columns {
  url: number
  key: number | undefined
}

function entryIn({ line, fields }: Row, columns: Columns, { columns: names }: CsvRules): ListEntry {
  const address = fields[columns.url]
  if (address === undefined) return { line, fault: `has no column ${names.url}` }
  if (columns.key === undefined) return entryOf(line, address)
  const key = fields[columns.key]
  return key === undefined ? { line, fault: `has no column ${names.key}` } : entryOf(line, address, key)
}

function numbered({ url, key }: CsvRules['columns']): Columns {
  const index = (column: string) => {
    if (!/^[1-9]\d{0,3}$/.test(column))
      throw badList(`has no header, so its columns are numbers from 1, not ${column}`)
    return Number(column) - 1
  }
  return { url: index(url), key: key === undefined ? undefined : index(key) }
}

function named({ columns: { url, key }, delimiter }: CsvRules, header: readonly string[]): Columns {
  const names = header.map((name) => name.trim())
  const index = (column: string) => {
    const found = names.indexOf(column)
    if (found >= 0) return found
    const there = names.slice(0, 20).map((name) => JSON.stringify(name.slice(0, 50)))
    throw badList(
      `has no column ${column}; its first line names ${there.join(', ')}, with ${JSON.stringify(delimiter)} between them`,
    )
  }
  return { url: index(url), key: key === undefined ? undefined : index(key) }
}

async function* rowsOf(
  input: Readable,
  delimiter: string,
): AsyncGenerator<Row | { line: number; fault: string }> {
  const rows: Row[] = []
  let next = 1
  const parser = parse({
    bom: true,
    delimiter,
    max_record_size: longestLine,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    // A quote in the middle of a field is itself: most lists are written by programs that know of no quotes.
    relax_quotes: true,
    skip_empty_lines: true,
    on_record: (fields: string[], { lines }) => {
      const within = fields.reduce((sum, field) => sum + field.split('\n').length - 1, 0)
      rows.push({ line: lines - within, fields })
      next = lines + 1
      // Taken from here: an error would empty the parser's buffer with all that was right before it.
      return null
    },
  })
  parser.resume()
  const ended = finished(parser).then(
    () => undefined,
    (error: unknown) => error,
  )
  try {
    for await (const piece of input) {
      if (parser.errored) break
      parser.write(piece)
      yield* rows.splice(0)
    }
    if (!parser.errored) parser.end()
    const error = await ended
    yield* rows.splice(0)
    if (error !== undefined) yield faultOf(error, next)
  } finally {
    parser.destroy()
  }
}

function faultOf(error: unknown, line: number): { line: number; fault: string } {
  if (!(error instanceof CsvError)) throw error
  const why =
    error.code === 'CSV_MAX_RECORD_SIZE'
      ? `is longer than ${longestLine} characters, or has a quote that is never closed`
      : error.code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'has a quote that is never closed'
        : `cannot be read (${error.message})`
  return { line, fault: `${why}; nothing behind it is read` }
}

function badList(why: string): KompressorError {
  return new KompressorError('bad_list', `the list ${why}`)
}
