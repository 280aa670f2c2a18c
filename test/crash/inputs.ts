import { createHash } from 'node:crypto'
import { fixtures } from '../fixtures/index.ts'

export interface Input {
  name: string
  bytes: Buffer
  sha256: string
  kind: 'image' | 'data' | 'broken'
  /** Pixels, of images. */
  width?: number
  height?: number
}

const size = { width: 640, height: 480 }

/** Photographs, logs and a few files that cannot be compressed, every one different. */
export function makeInputs(count: number): Promise<Input[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => makeInput(i, size)))
}

/** One of them; the number is its seed. */
export async function makeInput(seed: number, { width, height }: typeof size): Promise<Input> {
  const number = String(seed).padStart(4, '0')
  const photo = () => fixtures.photo({ width, height, seed, format: 'jpeg' })
  if (seed % 20 === 19)
    return describeInput(`broken-${number}.jpg`, 'broken', fixtures.truncated(await photo()))
  if (seed % 5 === 4) return describeInput(`log-${number}.txt`, 'data', fixtures.log({ bytes: 60_000, seed }))
  return { ...describeInput(`photo-${number}.jpg`, 'image', await photo()), width, height }
}

export function describeInput(name: string, kind: Input['kind'], bytes: Buffer): Input {
  return { name, kind, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}
