import { expect, test } from 'vitest'
import { parseSigningSecret } from './signing-secret.ts'

const ref = { namespace: 'shop', name: 'hooks', key: 'kompressor' }
const of = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`

test.each([24, 32, 33, 64])('%d bytes sign', (bytes) => {
  expect(parseSigningSecret(of(bytes), ref)).toEqual({ secret: of(bytes) })
  // As a file or echo has it.
  expect(parseSigningSecret(`${of(bytes)}\n`, ref)).toEqual({ secret: of(bytes) })
})

test.each([
  ['too short', of(23), 'has 23 bytes'],
  ['too long', of(65), 'has 65 bytes'],
  ['empty', '', 'is not of that form'],
  ['without its prefix', of(32).slice(6), 'is not of that form'],
  ['a public key', of(32).replace('whsec_', 'whpk_'), 'is not of that form'],
  ['not base64', `whsec_${'-'.repeat(40)}`, 'is not of that form'],
  ['cut off', of(32).slice(0, -2), 'is not of that form'],
  ['more than one line', `${of(32)}\n${of(32)}`, 'is not of that form'],
])('what is %s is refused, not shown, and how to make one is said', (_, value, what) => {
  const found = parseSigningSecret(value, ref)
  expect(found).toMatchObject({ reason: 'SecretInvalid', message: expect.stringContaining(what) })
  const { message } = found as { message: string }
  expect(message).toContain(
    'kubectl -n shop create secret generic hooks --from-literal=kompressor="whsec_$(openssl rand -base64 32)"',
  )
  if (value !== '') expect(message).not.toContain(value.slice(-12))
})
