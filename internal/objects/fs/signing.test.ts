import { describe, expect, test } from 'vitest'
import { KompressorError } from '../../errors/index.ts'
import { UrlSigner } from './signing.ts'

const secret = 'sixteen bytes ok'
const expiresAt = new Date('2030-01-01T00:00:00.123Z')
const before = new Date('2030-01-01T00:00:00.122Z')
const signer = new UrlSigner({ secret, publicUrl: 'https://files.example.com/base/' })

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof KompressorError) return error.code
    throw error
  }
  return 'none'
}

describe('signed URLs', () => {
  test('say where, what, until when and by whom', () => {
    const { url, headers } = signer.put('out/a b/ä.png', {
      expiresAt,
      size: 7,
      contentType: 'image/png',
      sha256: 'ab',
    })
    expect(url).toMatch(
      /^https:\/\/files\.example\.com\/base\/objects\/out\/a%20b\/%C3%A4\.png\?expires=\d+&size=7&type=image%2Fpng&sha256=ab&signature=[\w-]{43}$/,
    )
    expect(headers).toEqual({ 'content-type': 'image/png' })
  })

  test('are recognised whole or as the target of a request, and give what put takes', () => {
    const { url } = signer.put('a', { expiresAt, size: 7, contentType: 'image/png', sha256: 'ab' })
    const granted = {
      method: 'PUT',
      key: 'a',
      put: { size: 7, sha256: 'ab', attributes: { contentType: 'image/png' } },
    }
    expect(signer.verify('PUT', url, before)).toEqual(granted)
    expect(signer.verify('PUT', url.replace('https://files.example.com/base', ''), before)).toEqual(granted)
    const get = signer.get('../..', { expiresAt, contentDisposition: 'inline' }).url
    expect(signer.verify('GET', get, before)).toEqual({
      method: 'GET',
      key: '../..',
      contentDisposition: 'inline',
    })
  })

  test('expire to the millisecond', () => {
    const { url } = signer.get('a', { expiresAt })
    expect(codeOf(() => signer.verify('GET', url, before))).toBe('none')
    expect(codeOf(() => signer.verify('GET', url, expiresAt))).toBe('url_expired')
  })

  test('follow a public URL that is known late', () => {
    let port = 0
    const late = new UrlSigner({ secret, publicUrl: () => `http://localhost:${port}` })
    port = 8080
    expect(late.get('a', { expiresAt }).url).toMatch(/^http:\/\/localhost:8080\/objects\/a\?/)
  })

  const { url } = signer.put('a/b', { expiresAt, size: 7, contentType: 'image/png', sha256: 'ab' })
  test.each([
    ['another method', 'GET', url],
    ['an unknown method', 'DELETE', url],
    ['another key', 'PUT', url.replace('/a/b', '/a/c')],
    ['another expiry', 'PUT', url.replace(/expires=\d/, 'expires=9')],
    ['another size', 'PUT', url.replace('size=7', 'size=8')],
    ['no size', 'PUT', url.replace('size=7&', '')],
    ['another type', 'PUT', url.replace('png', 'gif')],
    ['another checksum', 'PUT', url.replace('sha256=ab', 'sha256=ac')],
    ['a disposition added', 'PUT', `${url}&disposition=inline`],
    ['no signature', 'PUT', url.replace(/&signature.*/, '')],
    ['a short signature', 'PUT', url.slice(0, -2)],
    ['an expiry that is no number', 'PUT', url.replace(/expires=\d+/, 'expires=never')],
    ['broken percent-encoding', 'PUT', url.replace('/a/b', '/a/%ff%')],
    ['another path', 'PUT', url.replace('/objects/', '/elsewhere/')],
    ['no URL', 'PUT', 'http://['],
  ])('with %s are refused', (_, method, changed) => {
    expect(codeOf(() => signer.verify(method, changed, before))).toBe('bad_signature')
  })

  test('of another secret are refused', () => {
    const other = new UrlSigner({ secret: 'another sixteen bytes', publicUrl: 'https://files.example.com' })
    expect(codeOf(() => signer.verify('PUT', other.put('a', { expiresAt, size: 1 }).url, before))).toBe(
      'bad_signature',
    )
  })

  test('are not made for a time that is none', () => {
    const never = signer.get('a', { expiresAt: new Date(Number.NaN) }).url
    expect(codeOf(() => signer.verify('GET', never, before))).toBe('bad_signature')
  })

  test('need a secret of 16 bytes', () => {
    expect(codeOf(() => new UrlSigner({ secret: 'short', publicUrl: '' }))).toBe('invalid_configuration')
  })
})
