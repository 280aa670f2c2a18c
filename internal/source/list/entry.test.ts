import { describe, expect, it } from 'vitest'
import { entryOf } from './index.ts'

const pathOf = (address: string) => {
  const entry = entryOf(1, address)
  return 'path' in entry ? entry.path : entry.fault
}

describe('what an output is named by when nobody says', () => {
  it.each([
    ['https://example.com/a/b.jpg', 'example.com/a/b.jpg'],
    ['HTTPS://Example.COM:443/a/../b.jpg#top', 'example.com/b.jpg'],
    ['http://example.com:8080/b.jpg', 'example.com:8080/b.jpg'],
    ['https://example.com', 'example.com/index'],
    ['https://example.com/a/', 'example.com/a/index'],
    ['https://example.com/gr%C3%BC%C3%9Fe%20dich.png', 'example.com/grüße dich.png'],
    ['https://example.com/grüße.png', 'example.com/grüße.png'],
    ['https://example.com/100%.png', 'example.com/100%.png'],
    ['https://example.com/a%00b.png', 'example.com/a%00b.png'],
    ['https://example.com/a%2F..%2Fb.png', 'example.com/a%2F..%2Fb.png'],
    ['https://example.com/%2e%2e/%2e%2e/b.png', 'example.com/b.png'],
  ])('of %s is %s', (address, path) => {
    expect(pathOf(address)).toBe(path)
  })

  it('tells queries apart, and leaves the extension where it was', () => {
    const [one, other] = ['id=1', 'id=2'].map((query) => pathOf(`https://example.com/image.jpg?${query}`))
    expect(one).toMatch(/^example\.com\/image-[0-9a-f]{8}\.jpg$/)
    expect(other).toMatch(/^example\.com\/image-[0-9a-f]{8}\.jpg$/)
    expect(one).not.toBe(other)
    expect(pathOf('https://example.com/image?id=1')).toMatch(/^example\.com\/image-[0-9a-f]{8}$/)
  })

  it('is nothing when it would be longer than any store takes', () => {
    expect(pathOf(`https://example.com/${'a'.repeat(1_100)}`)).toBe('has a key of more than 1024 bytes')
  })
})
