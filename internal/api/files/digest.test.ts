import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { statedDigest } from './digest.ts'

const digest = createHash('sha256').update('hello').digest()
const base64 = digest.toString('base64')

test.for([
  { 'content-digest': `sha-256=:${base64}:` },
  { 'content-digest': `sha-512=:AAAA:, sha-256=:${base64}:` },
  { digest: `SHA-256=${base64}` },
  { digest: `md5=abc,sha-256=${base64}` },
])('reads the SHA-256 of %j', (headers) => {
  expect(statedDigest(headers)).toBe(digest.toString('hex'))
})

test('ignores algorithms it does not check', () => {
  expect(statedDigest({})).toBeUndefined()
  expect(statedDigest({ 'content-digest': 'sha-512=:AAAA:' })).toBeUndefined()
})

test('refuses a SHA-256 that is none', () => {
  expect(() => statedDigest({ 'content-digest': 'sha-256=:AAAA:' })).toThrow('Content-Digest')
})
