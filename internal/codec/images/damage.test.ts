import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { fixtures, randomNumbers } from '../../../test/fixtures/index.ts'
import { useWorkspace } from '../../../test/fixtures/workspace.ts'
import { KompressorError } from '../../errors/index.ts'

const permitted = new Set(['truncated_input', 'corrupt_input', 'too_many_pixels', 'empty_file'])
const rounds = 200

describe('damage of any kind', () => {
  const { compress } = useWorkspace()
  const size = { width: 48, height: 32 }

  async function seeds(): Promise<Buffer[]> {
    const formats = ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const
    return await Promise.all([
      ...formats.map((format) => fixtures.tagged({ ...size, format, orientation: 6, quality: 80 })),
      fixtures.photo({ ...size, format: 'gif' }),
      fixtures.animated(),
      fixtures.animated({ format: 'webp' }),
      fixtures.alphaPhoto(size),
      fixtures.png16(size),
    ])
  }

  /** Cut somewhere, or with a few bytes changed, mostly in the header, where they do most. */
  function damaged(original: Buffer, next: () => number): Buffer {
    if (next() < 0.25) return original.subarray(0, Math.floor(next() * original.length))
    const out = Buffer.from(original)
    for (let i = 0; i <= next() * 6; i++) {
      const range = next() < 0.6 ? Math.min(400, out.length) : out.length
      out[Math.floor(next() * range)] = next() < 0.3 ? 255 : Math.floor(next() * 256)
    }
    return out
  }

  it('ends in a decodable output or in a code that says what is wrong', async () => {
    const next = randomNumbers(2026)
    const originals = await seeds()
    const ways = [
      {},
      { images: { format: 'WebP', metadata: 'Strip' } },
      { images: { format: 'AVIF', metadata: 'Keep' } },
      { images: { quality: 30 } },
      { images: { format: 'Auto' }, minSavingsPercent: 90 },
    ] as const
    for (let round = 0; round < rounds; round++) {
      const bytes = damaged(originals[round % originals.length] ?? Buffer.alloc(0), next)
      try {
        const trial = await compress(bytes, ways[Math.floor(next() * ways.length)] ?? {})
        const image = trial.outcome === 'compressed' && trial.type.startsWith('image/')
        if (image) await sharp(trial.file).stats()
      } catch (error) {
        const code = error instanceof KompressorError ? error.code : String(error)
        expect(permitted, `round ${round}: ${code}`).toContain(code)
      }
    }
  })
})
