import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvRules, csvRulesSchema, type ListEntry, readCsv } from './index.ts'

const named: CsvRules = { header: true, delimiter: ',', columns: { url: 'url' } }
const keyed: CsvRules = { ...named, columns: { url: 'url', key: 'sku' } }

async function read(text: string | Buffer, rules: CsvRules = named, pieces = 7): Promise<ListEntry[]> {
  const bytes = Buffer.from(text)
  const cut = Array.from({ length: Math.ceil(bytes.length / pieces) }, (_, i) =>
    bytes.subarray(i * pieces, (i + 1) * pieces),
  )
  return Array.fromAsync(readCsv(Readable.from(cut), csvRulesSchema.parse(rules)))
}

const file = (line: number, path: string) => ({ line, url: `https://${path}`, path })

describe('a list of addresses', () => {
  it('is read by the names of its columns, wherever they are', async () => {
    const text = 'sku,name,url\nA-1,"Chair, red",https://a.example/1.jpg\nB/2,Table,https://a.example/2.jpg\n'
    expect(await read(text, keyed)).toEqual([
      { line: 2, url: 'https://a.example/1.jpg', path: 'A-1' },
      { line: 3, url: 'https://a.example/2.jpg', path: 'B/2' },
    ])
  })

  it('is read by numbers without a header', async () => {
    const rules = { header: false, delimiter: ';', columns: { url: '2', key: '1' } }
    expect(await read('one;https://a.example/1.jpg', rules)).toEqual([
      { line: 1, url: 'https://a.example/1.jpg', path: 'one' },
    ])
  })

  it.each([
    ['\n', ''],
    ['\r\n', ''],
    ['\r', ''],
    ['\n', '\ufeff'],
  ])('is the same with lines that end in %j and begin with %j', async (end, mark) => {
    const lines = ['url', '', 'https://a.example/1', ' https://a.example/2 ', 'https://a.example/3']
    expect(await read(mark + lines.join(end))).toEqual([
      file(3, 'a.example/1'),
      file(4, 'a.example/2'),
      file(5, 'a.example/3'),
    ])
  })

  it('says of every line that cannot be used which it is and why, and reads the others', async () => {
    const text = [
      'url,sku',
      'https://a.example/1.jpg,1',
      'ftp://a.example/2.jpg,2',
      'a.example/3.jpg,3',
      ',4',
      'https://a.example/5.jpg',
      'https://a.example/6.jpg,',
      'https://a.example/7.jpg,/seven',
      'https://a.example/8.jpg,.kompressor/x',
      'https://user:secret@a.example/9.jpg,9',
      '"https://a.example/10.jpg"x,10',
      'https://a.example/11.jpg,"a"b"',
      'https://a.example/12.jpg,12',
    ].join('\n')
    const entries = await read(text, keyed)
    expect(entries.map(({ line }) => line)).toEqual(Array.from({ length: 12 }, (_, i) => i + 2))
    const faults = entries.flatMap((entry) => ('fault' in entry ? [`${entry.line} ${entry.fault}`] : []))
    expect(faults).toEqual([
      '3 ftp://a.example/2.jpg is not http or https',
      '4 a.example/3.jpg is not an address: https://example.com/a.jpg',
      '5 has no address',
      '6 has no column sku',
      '7 has no key',
      '8 has a key that begins or ends with a slash',
      '9 has a key below .kompressor/, where notes about jobs are',
      '10 https://…@a.example/9.jpg has credentials in it, which are sent to nobody',
      expect.stringMatching(/^11 "https:\/\/a.example\/10.jpg"x is not an address/),
    ])
  })

  it('counts lines within quotes, and says where a quote begins that is never closed', async () => {
    const text =
      'url,sku\nhttps://a.example/1.jpg,"two\nlines"\nhttps://a.example/2.jpg,2\nhttps://a.example/3.jpg,"3\n\n\n'
    expect(await read(text, keyed)).toEqual([
      { line: 2, fault: 'has a key with control characters' },
      { line: 4, url: 'https://a.example/2.jpg', path: '2' },
      { line: 5, fault: 'has a quote that is never closed; nothing behind it is read' },
    ])
  })

  it('does not hold a line that never ends', async () => {
    const endless = Readable.from(
      (function* () {
        yield 'url\nhttps://a.example/1.jpg\n"'
        for (;;) yield 'x'.repeat(1_000)
      })(),
    )
    const entries = await Array.fromAsync(readCsv(endless, named))
    expect(entries).toEqual([
      file(2, 'a.example/1.jpg'),
      { line: 3, fault: expect.stringContaining('longer than 65536 characters') },
    ])
  })

  it('that is not UTF-8 says so', async () => {
    const bytes = Buffer.concat([
      Buffer.from('url\nhttps://a.example/'),
      Buffer.from([0xe4]),
      Buffer.from('.jpg'),
    ])
    expect(await read(bytes)).toEqual([{ line: 2, fault: 'is not UTF-8' }])
  })

  it.each<[string, string, CsvRules, RegExp]>([
    [
      'no such column',
      'uri,sku\nx',
      keyed,
      /has no column url; its first line names "uri", "sku", with "," between/,
    ],
    ['another delimiter', 'url;sku\nx', keyed, /has no column url; its first line names "url;sku"/],
    ['nothing at all', '', named, /is empty/],
    ['names without a header', 'x', { ...named, header: false }, /numbers from 1, not url/],
  ])('with %s is refused', async (_, text, rules, message) => {
    await expect(read(text, rules)).rejects.toMatchObject({
      code: 'bad_list',
      message: expect.stringMatching(message),
    })
  })

  it('loses no line, whatever is in it', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '\t', 'ä', '/', '%', '.') })
    await fc.assert(
      fc.asyncProperty(
        fc.array(field, { maxLength: 20 }),
        fc.integer({ min: 1, max: 9 }),
        async (fields, pieces) => {
          const lines = fields.map((text, index) => `${index},"${text.replaceAll('"', '""')}"`)
          const entries = await read(`sku,url\n${lines.join('\n')}`, keyed, pieces)
          expect(entries.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 2))
        },
      ),
    )
  })
})
