import { expect, test } from 'vitest'
import { answered, isPassing } from './problem.ts'

const problem = {
  type: 'about:blank',
  title: 'Full',
  status: 507,
  code: 'storage_full',
  detail: 'no space',
  retryable: true,
}

test('an answer of the API is what it says it is', () => {
  expect(answered(507, problem)).toMatchObject({
    code: 'storage_full',
    message: 'No space.',
    retryable: true,
  })
})

test.for([502, 503, 504])('a proxy that says %d has lost the service, which passes', (status) => {
  const error = answered(status, undefined)
  expect(error).toMatchObject({ code: 'unreachable' })
  expect(isPassing(error)).toBe(true)
})

test('whoever is not known any more is told what to do, and it does not pass by itself', () => {
  const error = answered(401, undefined)
  expect(error.message).toMatch(/Sign in again in another tab/)
  expect(isPassing(error)).toBe(false)
})
