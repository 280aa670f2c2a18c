import { describe, expect, it } from 'vitest'
import { engineVersion, type InputVersion, identityHasher } from './identity.ts'
import { type CompressionOptions, compressionOptionsSchema } from './options.ts'

interface Identity extends InputVersion {
  options: CompressionOptions
  engine: string
}

const identity: Identity = {
  bucket: 'photos',
  key: '2026/a.jpg',
  version: '"etag"',
  options: compressionOptionsSchema.parse({ images: {}, data: {} }),
  engine: 'kompressor-1',
}

const hashOf = ({ options, engine, ...input }: Identity) => identityHasher(options, engine)(input)

describe('identityHasher', () => {
  it('is SHA-256 in lower-case hex and the same on every machine', () => {
    expect(hashOf(identity)).toMatch(/^[0-9a-f]{64}$/)
    expect(hashOf(identity)).toBe('261fd6e87ac683a6e72c1175c67cf7ead667405af02f5b6bac9c9f806497fb66')
  })

  it('does not depend on the order in which options were written, or on undefined ones', () => {
    const { images, data, minSavingsPercent } = identity.options
    const reordered = Object.fromEntries(Object.entries(images ?? {}).reverse())
    const options = { minSavingsPercent, data, images: { ...images, ...reordered, quality: undefined } }
    expect(hashOf({ ...identity, options: compressionOptionsSchema.parse(options) })).toBe(hashOf(identity))
  })

  it('changes with every part', () => {
    const others: Identity[] = [
      { ...identity, bucket: 'other' },
      { ...identity, key: '2026/b.jpg' },
      { ...identity, version: '"other"' },
      { ...identity, engine: 'kompressor-2' },
      { ...identity, options: compressionOptionsSchema.parse({ images: {} }) },
      { ...identity, options: compressionOptionsSchema.parse({ images: { quality: 80 }, data: {} }) },
    ]
    expect(new Set([identity, ...others].map(hashOf)).size).toBe(others.length + 1)
  })

  it('is of the engine that runs unless told otherwise', () => {
    const { options, bucket, key, version } = identity
    expect(identityHasher(options)({ bucket, key, version })).toBe(
      hashOf({ ...identity, engine: engineVersion() }),
    )
  })

  it('cannot be fooled by moving text between parts', () => {
    const one = hashOf({ ...identity, bucket: 'a', key: 'b/c' })
    expect(hashOf({ ...identity, bucket: 'a/b', key: 'c' })).not.toBe(one)
    const quoted = hashOf({ ...identity, key: 'a","version":"b', version: 'c' })
    expect(hashOf({ ...identity, key: 'a', version: 'b","version":"c' })).not.toBe(quoted)
  })
})

describe('engineVersion', () => {
  it('names the engine and the codecs that decide the bytes', () => {
    expect(engineVersion()).toMatch(/^kompressor-\d+ sharp-\S+ libvips-\S+ zlib-\S+ zstd-\S+ brotli-\S+$/)
  })
})
