import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { RgbPixels } from '../../internal/codec/quality/index.ts'

/** The version of ssimulacra2/Cargo.toml; a new one is built into a folder of its own. */
const version = '1.0.0'

/** The real SSIMULACRA2, for whole images. Scores are remembered across runs, by the pixels of both images. */
export interface Metric {
  /** Score, at most 100, negative for ruins. Both images have the same size, at least 8 x 8 pixels. */
  score(reference: RgbPixels, candidate: RgbPixels): Promise<number>
  /** Saves the scores and ends the process. */
  close(): Promise<void>
}

/** Builds the metric with cargo if this version is not there yet, and starts it. */
export async function startMetric(): Promise<Metric> {
  const cache = join(homedir(), '.cache', 'kompressor', `ssimulacra2-${version}`)
  mkdirSync(cache, { recursive: true })
  const memory = join(cache, 'scores.json')
  const known = new Map<string, number>(
    existsSync(memory) ? Object.entries(JSON.parse(readFileSync(memory, 'utf8'))) : [],
  )
  const child = spawn(buildMetric(cache), { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let last: Promise<unknown> = Promise.resolve()
  let sent = ''

  async function compare(reference: RgbPixels, candidate: RgbPixels): Promise<number> {
    const of = hash(reference)
    const key = `${of}-${hash(candidate)}`
    const before = known.get(key)
    if (before !== undefined) return before
    if (sent !== of) await send(child, 'R', reference)
    sent = of
    await send(child, 'C', candidate)
    const line = await lines.next()
    if (line.done) throw new Error('the metric ended early; its last words are above')
    const score = Number(line.value)
    known.set(key, score)
    return score
  }

  return {
    score(reference, candidate) {
      const result = last.then(() => compare(reference, candidate))
      last = result.catch(() => undefined) // the caller gets the error; the next comparison must still run
      return result
    },
    async close() {
      await last
      writeFileSync(memory, JSON.stringify(Object.fromEntries(known)))
      child.stdin.end()
      await ended
    },
  }
}

function buildMetric(target: string): string {
  const program = join(target, 'release', 'kompressor-ssimulacra2')
  if (existsSync(program)) return program
  const built = spawnSync('cargo', ['build', '--release', '--locked', '--target-dir', target], {
    cwd: join(import.meta.dirname, 'ssimulacra2'),
    stdio: ['ignore', 'inherit', 'inherit'],
    // Without the processor's own multiply-add the crate calls a function for each: five times slower.
    env: { ...process.env, RUSTFLAGS: '-C target-cpu=native' },
  })
  if (built.error) throw new Error('the metric is built by cargo: install Rust (https://rustup.rs)')
  if (built.status !== 0) throw new Error('the metric did not build; the reason is above')
  return program
}

function hash({ data, width, height }: RgbPixels): string {
  return createHash('sha256').update(`${width}x${height}:`).update(data).digest('base64url').slice(0, 22)
}

async function send(
  child: ChildProcessByStdio<Writable, Readable, null>,
  kind: 'R' | 'C',
  { data, width, height }: RgbPixels,
): Promise<void> {
  const header = Buffer.alloc(9)
  header.write(kind, 'latin1')
  header.writeUInt32LE(width, 1)
  header.writeUInt32LE(height, 5)
  child.stdin.write(header)
  await new Promise<void>((resolve, reject) => {
    child.stdin.write(data, (error) => (error ? reject(error) : resolve()))
  })
}
