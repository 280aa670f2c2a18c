import { createHash } from 'node:crypto'
import { fixtures } from '../fixtures/index.ts'

export interface Input {
  name: string
  bytes: Buffer
  sha256: string
  kind: 'image' | 'data' | 'broken'
}

/** Photographs, logs and a few files that cannot be compressed, every one different. */
export async function makeInputs(count: number): Promise<Input[]> {
  const inputs: Input[] = []
  for (let i = 0; i < count; i++) {
    const number = String(i).padStart(4, '0')
    if (i % 20 === 19) {
      inputs.push(input(`broken-${number}.jpg`, 'broken', fixtures.truncated(await photo(i))))
    } else if (i % 5 === 4) {
      inputs.push(input(`log-${number}.txt`, 'data', fixtures.log({ bytes: 60_000, seed: i })))
    } else {
      inputs.push(input(`photo-${number}.jpg`, 'image', await photo(i)))
    }
  }
  return inputs
}

function photo(seed: number): Promise<Buffer> {
  return fixtures.photo({ width: 640, height: 480, seed, format: 'jpeg' })
}

function input(name: string, kind: Input['kind'], bytes: Buffer): Input {
  return { name, kind, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}
