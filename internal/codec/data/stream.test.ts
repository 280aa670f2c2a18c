import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { createGunzip, createGzip, createZstdDecompress } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compressAndVerify } from './stream.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kompressor-stream-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function job(content: Buffer) {
  const input = join(dir, 'input')
  await writeFile(input, content)
  return { input, output: join(dir, 'output'), compressor: createGzip(), maxBytesOut: 2 ** 40 }
}

describe('compressAndVerify', () => {
  it('refuses an output that decodes to something else', async () => {
    const made = { ...(await job(Buffer.alloc(100_000))), decompressor: new PassThrough() }
    await expect(compressAndVerify(made)).rejects.toMatchObject({ code: 'verification_failed' })
  })

  it('refuses an output that does not decode at all', async () => {
    const made = { ...(await job(Buffer.alloc(100_000))), decompressor: createZstdDecompress() }
    await expect(compressAndVerify(made)).rejects.toMatchObject({ code: 'verification_failed' })
  })

  it('stops reading when the output has outgrown what is permitted', async () => {
    const size = 64 * 2 ** 20
    const made = { ...(await job(Buffer.alloc(size))), decompressor: createGunzip(), maxBytesOut: 1000 }
    const streamed = await compressAndVerify(made)
    expect(streamed.fits).toBe(false)
    expect(streamed.bytesIn).toBeLessThan(size / 4)
  })
})
