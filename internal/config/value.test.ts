import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketUrl, duration, integer, oneOf, path, pixels, size, toggle, url } from './value.ts'

describe('values', () => {
  it.each([
    ['30d', 2_592_000_000],
    ['12h', 43_200_000],
    ['5m', 300_000],
    ['1.5s', 1500],
    ['250 ms', 250],
    ['0s', 0],
  ])('reads the duration %s', (text, expected) => {
    expect(duration().parse(text)).toBe(expected)
  })

  it.each([
    ['5GiB', 5 * 1024 ** 3],
    ['5Gi', 5 * 1024 ** 3],
    ['5gb', 5e9],
    ['512kB', 512_000],
    ['0.5MiB', 524_288],
    ['17B', 17],
  ])('reads the size %s', (text, expected) => {
    expect(size().parse(text)).toBe(expected)
  })

  it('reads pixels', () => {
    expect(pixels().parse('50MP')).toBe(50_000_000)
    expect(pixels().parse('640px')).toBe(640)
  })

  it.each(['', '30', 'd', '-1d', '1e3s', '3 weeks', '5GiBB', 'NaNs', '99999999d'])(
    'refuses %j as a duration',
    (text) => {
      expect(() => duration({ max: 86_400_000_000 }).parse(text)).toThrow(/must be|at most/)
    },
  )

  it('states the limits in the unit people use', () => {
    expect(() => duration({ min: 60_000 }).parse('1s')).toThrow('must be at least 1m')
    expect(() => size({ max: 5 * 1024 ** 3 }).parse('1TiB')).toThrow('must be at most 5GiB')
  })

  it('reads back what it formats', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        for (const type of [duration(), size(), pixels()]) expect(type.parse(type.format(value))).toBe(value)
      }),
    )
  })

  it.each(['', ' ', '1.5', '0x10', '1e3', '65536', '-1', 'ten'])('refuses %j as a port', (text) => {
    expect(() => integer({ min: 0, max: 65_535 }).parse(text)).toThrow(
      'must be a whole number from 0 to 65535',
    )
  })

  it('reads words in any case and lists them when none fits', () => {
    expect(oneOf(['auto', 'JSON']).parse('json')).toBe('JSON')
    expect(() => oneOf(['auto', 'json']).parse('xml')).toThrow('must be one of auto, json')
  })

  it('reads switches and refuses what is neither true nor false', () => {
    expect(['true', 'ON', '1', 'yes'].map(toggle().parse)).toEqual([true, true, true, true])
    expect(['false', 'off', '0', 'no'].map(toggle().parse)).toEqual([false, false, false, false])
    expect(() => toggle().parse('maybe')).toThrow('must be true or false')
    expect(() => toggle().parse('constructor')).toThrow('must be true or false')
  })

  it('returns URLs without the slash at their end', () => {
    expect(url().parse('https://Files.example.com/')).toBe('https://files.example.com')
    expect(url().parse('http://127.0.0.1:8080/kompressor/')).toBe('http://127.0.0.1:8080/kompressor')
  })

  it.each(['files.example.com', 'ftp://x', 'http://', 'http://u:p@x', 'http://x/?a', 'http://x/#a'])(
    'refuses %j as a URL',
    (text) => {
      expect(() => url().parse(text)).toThrow('must be an http or https URL')
    },
  )

  it('refuses paths no file can have', () => {
    expect(path().parse('./data')).toBe('./data')
    expect(() => path().parse('')).toThrow('must be a path')
    expect(() => path().parse('a\0b')).toThrow('must be a path')
  })
})

describe('buckets', () => {
  it.each([
    ['http://minio:9000/outputs', { endpoint: 'http://minio:9000', bucket: 'outputs' }],
    [
      'https://s3.eu-west-1.amazonaws.com/my.bucket?region=eu-west-1',
      { endpoint: 'https://s3.eu-west-1.amazonaws.com', bucket: 'my.bucket', region: 'eu-west-1' },
    ],
  ])('%s is read and shown', (text, address) => {
    expect(bucketUrl().parse(text)).toEqual(address)
    expect(bucketUrl().format(address)).toBe(text)
  })

  it.each([
    'outputs',
    's3://outputs',
    'http://minio:9000',
    'http://minio:9000/a/b',
    'http://minio:9000/Outputs',
    'http://id:secret@minio:9000/outputs',
    'http://minio:9000/outputs?regoin=x',
    'http://minio:9000/outputs?region=',
  ])('%s is none', (text) => expect(() => bucketUrl().parse(text)).toThrow('must be the URL of a bucket'))
})
