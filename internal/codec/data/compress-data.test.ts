import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CompressionOptionsInput, compressionOptionsSchema } from '../options.ts'
import { type CompressRequest, defaultLimits } from '../request.ts'
import type { LocalOutput } from '../result.ts'
import { compressData } from './compress-data.ts'
import { dataLevels } from './levels.ts'

const run = promisify(execFile)
const codecs = ['Zstd', 'Brotli', 'Gzip'] as const
const decoders = { Zstd: zstdDecompressSync, Brotli: brotliDecompressSync, Gzip: gunzipSync }

let dir: string
let outputDir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kompressor-data-'))
  outputDir = await mkdtemp(join(dir, 'out-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function request(content: Uint8Array, options: CompressionOptionsInput = {}): Promise<CompressRequest> {
  const input = join(dir, 'input')
  await writeFile(input, content)
  return {
    id: 'f1',
    name: 'events.ndjson',
    input,
    output: join(outputDir, randomUUID()),
    options: compressionOptionsSchema.parse({ data: {}, ...options }),
    limits: defaultLimits,
  }
}

function only(outputs: LocalOutput[]): LocalOutput {
  const [output, ...more] = outputs
  if (output === undefined || more.length > 0) throw new Error(`one output expected, got ${outputs.length}`)
  return output
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Lines that look like a log; `seed` makes them differ. */
function text(bytes: number, seed = 1): Buffer {
  let state = seed
  let lines = ''
  while (lines.length < bytes) {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    lines += `{"id":${state % 9973},"user":"user-${state % 101}","ok":${state % 7 > 0}}\n`
  }
  return Buffer.from(lines.slice(0, bytes))
}

/** Bytes no codec can shrink. */
function noise(bytes: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(bytes / 64) }, (_, i) =>
    createHash('sha512').update(String(i)).digest(),
  )
  return Buffer.concat(blocks).subarray(0, bytes)
}

describe('compressData', () => {
  it.each(codecs)('%s decodes to the input, whatever the bytes', async (codec) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 2000 }),
        fc.integer({ min: 1, max: 400 }),
        async (block, times) => {
          const content = Buffer.concat(Array.from({ length: times }, () => block))
          const { outcome, outputs } = await compressData(await request(content, { data: { codec } }))
          const output = only(outputs)
          const bytes = await readFile(output.path)
          const original = outcome === 'compressed' ? decoders[codec](bytes) : bytes
          expect(original.equals(content)).toBe(true)
          expect(bytes.length).toBeLessThanOrEqual(content.length)
          expect(output).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) })
        },
      ),
      { numRuns: 25 },
    )
  })

  it.each(codecs)('%s honours its lowest and its highest level', async (codec) => {
    const content = text(20_000)
    const { min, max } = dataLevels[codec]
    const sizes = await Promise.all(
      [min, max].map(async (level) => {
        const result = await compressData(await request(content, { data: { codec, level } }))
        expect(decoders[codec](await readFile(only(result.outputs).path)).equals(content)).toBe(true)
        return result.bytesOut
      }),
    )
    expect(sizes[1]).toBeLessThan(sizes[0] ?? 0)
  })

  it.each(codecs)('%s gives the same bytes every time', async (codec) => {
    const content = text(3_000_000)
    const first = await compressData(await request(content, { data: { codec, level: 4 } }))
    const second = await compressData(await request(content, { data: { codec, level: 4 } }))
    expect(only(second.outputs).sha256).toBe(only(first.outputs).sha256)
  })

  it('writes no time into gzip, and a content size and a checksum into zstd', async () => {
    const content = text(50_000)
    const gzip = await compressData(await request(content, { data: { codec: 'Gzip' } }))
    expect((await readFile(only(gzip.outputs).path)).readUInt32LE(4)).toBe(0)
    const zstd = await compressData(await request(content))
    const descriptor = (await readFile(only(zstd.outputs).path)).readUInt8(4)
    expect(descriptor & 0b100, 'content checksum flag').not.toBe(0)
    expect(descriptor & 0b1100_0000, 'frame content size flag').not.toBe(0)
  })

  it('names outputs by their codec, or keeps name and type and sets the encoding', async () => {
    const content = text(50_000)
    const named = async (data: CompressionOptionsInput['data']) => {
      const { outputs } = await compressData(await request(content, { data }))
      const { name, type, contentEncoding } = only(outputs)
      return { name, type, contentEncoding }
    }
    expect(await named({})).toEqual({ name: 'events.ndjson.zst', type: 'application/zstd' })
    expect(await named({ codec: 'Brotli' })).toEqual({
      name: 'events.ndjson.br',
      type: 'application/x-brotli',
    })
    expect(await named({ codec: 'Gzip' })).toEqual({ name: 'events.ndjson.gz', type: 'application/gzip' })
    expect(await named({ codec: 'Brotli', as: 'ContentEncoding' })).toEqual({
      name: 'events.ndjson',
      type: 'application/json',
      contentEncoding: 'br',
    })
  })

  it('keeps data that does not shrink, with the hash of the original, and writes nothing', async () => {
    const content = noise(300_000)
    const made = await request(content)
    expect(await compressData(made)).toMatchObject({
      outcome: 'kept_original',
      reason: 'already_compressed',
      bytesIn: 300_000,
      bytesOut: 300_000,
      outputs: [{ path: made.input, name: 'events.ndjson', bytes: 300_000, sha256: sha256(content) }],
    })
    expect(await readdir(outputDir)).toEqual([])
  })

  it('keeps a gzip file even where its bytes would shrink', async () => {
    const content = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(100_000)])
    expect(await compressData(await request(content))).toMatchObject({
      outcome: 'kept_original',
      reason: 'already_compressed',
      type: 'application/gzip',
    })
  })

  it('keeps a tiny file that any frame would make bigger', async () => {
    expect(await compressData(await request(Buffer.from('hi\n')))).toMatchObject({
      outcome: 'kept_original',
      reason: 'savings_below_minimum',
      bytesOut: 3,
    })
    expect(await readdir(outputDir)).toEqual([])
  })

  it('keeps the original when the saving is below minSavingsPercent, and stops before the end', async () => {
    // Compressible windows at start, middle and end; noise between them.
    const size = 8_000_000
    const content = noise(size)
    const window = text(70_000)
    for (const at of [0, (size - 65_536) / 2, size - 70_000]) window.copy(content, Math.floor(at))
    expect(await compressData(await request(content, { minSavingsPercent: 60 }))).toMatchObject({
      outcome: 'kept_original',
      reason: 'savings_below_minimum',
      outputs: [{ sha256: sha256(content) }],
    })
    expect(await readdir(outputDir)).toEqual([])
  })

  it('says that the input is missing when it is', async () => {
    const made = await request(Buffer.from('x'))
    await rm(made.input)
    await expect(compressData(made)).rejects.toMatchObject({ code: 'input_missing' })
  })

  it('stops when it is cancelled and leaves nothing behind', async () => {
    const made = await request(text(4_000_000), { data: { codec: 'Brotli', level: 11 } })
    const abort = new AbortController()
    const result = compressData(made, abort.signal)
    await expect.poll(() => readdir(outputDir)).toHaveLength(1)
    abort.abort()
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readdir(outputDir)).toEqual([])
  })

  it('streams 64 MiB in little memory', async () => {
    const block = text(1_048_576)
    const made = await request(Buffer.concat(Array.from({ length: 64 }, () => block)), {
      data: { codec: 'Zstd', level: 3 },
    })
    const script = `
      let peak = 0
      const base = process.memoryUsage.rss()
      const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()) }, 5)
      const result = await compressData(request)
      clearInterval(timer)
      console.log(JSON.stringify({ outcome: result.outcome, grownBy: peak - base }))`
    const measured = JSON.parse(await inFreshNode(process.execPath, [], script, made))
    expect(measured.outcome).toBe('compressed')
    expect(measured.grownBy).toBeLessThan(130 * 2 ** 20)
  })

  it('fails storage_full on a full disk and removes what it wrote', async (context) => {
    const enclose = ['-rm', 'sh', '-c', `mount -t tmpfs -o size=1m tmpfs "${outputDir}" && exec "$@"`, 'sh']
    const possible = await run('unshare', [...enclose, 'true']).then(
      () => true,
      () => false,
    )
    if (!possible) context.skip('this machine does not let us mount a small disk')
    const made = await request(text(60_000_000), { data: { codec: 'Gzip', level: 1 } })
    const script = `
      const { existsSync } = await import('node:fs')
      const code = await compressData(request).then((r) => r.outcome, (error) => error.code)
      console.log(JSON.stringify({ code, left: existsSync(request.output) }))`
    const seen = JSON.parse(await inFreshNode('unshare', [...enclose, process.execPath], script, made))
    expect(seen).toEqual({ code: 'storage_full', left: false })
  })
})

async function inFreshNode(
  command: string,
  args: string[],
  script: string,
  made: CompressRequest,
): Promise<string> {
  const module = new URL('./compress-data.ts', import.meta.url).href
  const source = `
    const { compressData } = await import(${JSON.stringify(module)})
    const request = ${JSON.stringify(made)}
    ${script}`
  const { stdout } = await run(command, [...args, '--input-type=module', '--eval', source])
  return stdout
}
