import { describe, expect, it } from 'vitest'
import { engineVersion, type Identity, identityHash } from './identity.ts'
import { compressionOptionsSchema } from './options.ts'

const identity: Identity = {
  bucket: 'photos',
  key: '2026/a.jpg',
  version: '"etag"',
  options: compressionOptionsSchema.parse({ images: {}, data: {} }),
  engineVersion: 'kompressor-1',
}

describe('identityHash', () => {
  it('is SHA-256 in lower-case hex and the same on every machine', () => {
    expect(identityHash(identity)).toMatch(/^[0-9a-f]{64}$/)
    expect(identityHash(identity)).toBe('261fd6e87ac683a6e72c1175c67cf7ead667405af02f5b6bac9c9f806497fb66')
  })

  it('does not depend on the order in which options were written, or on undefined ones', () => {
    const { images, data, minSavingsPercent } = identity.options
    const reordered = Object.fromEntries(Object.entries(images ?? {}).reverse())
    const options = { minSavingsPercent, data, images: { ...images, ...reordered, quality: undefined } }
    expect(identityHash({ ...identity, options: compressionOptionsSchema.parse(options) })).toBe(
      identityHash(identity),
    )
  })

  it('changes with every part', () => {
    const others: Identity[] = [
      { ...identity, bucket: 'other' },
      { ...identity, key: '2026/b.jpg' },
      { ...identity, version: '"other"' },
      { ...identity, engineVersion: 'kompressor-2' },
      { ...identity, options: compressionOptionsSchema.parse({ images: {} }) },
      { ...identity, options: compressionOptionsSchema.parse({ images: { quality: 80 }, data: {} }) },
    ]
    expect(new Set([identity, ...others].map(identityHash)).size).toBe(others.length + 1)
  })

  it('cannot be fooled by moving text between parts', () => {
    const one = identityHash({ ...identity, bucket: 'a', key: 'b/c' })
    expect(identityHash({ ...identity, bucket: 'a/b', key: 'c' })).not.toBe(one)
  })
})

describe('engineVersion', () => {
  it('names the engine and the codecs that decide the bytes', () => {
    expect(engineVersion()).toMatch(/^kompressor-\d+ sharp-\S+ libvips-\S+ zlib-\S+ zstd-\S+ brotli-\S+$/)
  })
})
