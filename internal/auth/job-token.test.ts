import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createJobTokens } from './index.ts'

const tokens = createJobTokens(['a secret'])

test('a token is for the job it was made for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (uid) => {
      expect(tokens.verify(tokens.mint(uid))).toBe(uid)
    }),
  )
})

test.each(['', '.', '..', 'kj1', 'kj1.ZGVmYXVsdA', 'kj1.ZGVmYXVsdA.', 'Bearer x', `${'x'.repeat(10_000)}`])(
  'is not taken in by %j',
  (token) => {
    expect(tokens.verify(token)).toBeUndefined()
  },
)

test('a token cannot be changed into one for another job', () => {
  const [prefix, , signature] = tokens.mint('mine').split('.')
  const forged = [prefix, Buffer.from('yours').toString('base64url'), signature].join('.')
  expect(tokens.verify(forged)).toBeUndefined()
})

test('a secret is replaced without a moment in which nobody gets in', () => {
  const old = tokens.mint('job')
  const both = createJobTokens(['a new secret', 'a secret'])
  expect(both.verify(old)).toBe('job')
  const renewed = createJobTokens(['a new secret'])
  expect(renewed.verify(both.mint('job'))).toBe('job')
  expect(renewed.verify(old)).toBeUndefined()
})
