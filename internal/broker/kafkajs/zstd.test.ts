import { zstdCompressSync } from 'node:zlib'
import kafkajs from 'kafkajs'
import { expect, it } from 'vitest'
import { registerZstd } from './zstd.ts'

it('reads all frames of a compressed batch, and what it writes itself', async () => {
  registerZstd()
  const codec = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD]()
  const frames = Buffer.concat([zstdCompressSync('first '), zstdCompressSync('second')])
  expect(String(await codec.decompress(frames))).toBe('first second')
  const written = await codec.compress({ buffer: Buffer.from('x'.repeat(10_000)) })
  expect(written.length).toBeLessThan(100)
  expect(String(await codec.decompress(written))).toBe('x'.repeat(10_000))
})
