import { expect, test } from 'vitest'
import { ownUrl } from './own-url.ts'

test('what the service signed for itself is sent to where the page came from', () => {
  const path = '/objects/in/default/0199?expires=1&size=3&signature=abc'
  expect(ownUrl(`http://127.0.0.1:8080${path}`)).toBe(path)
})

test.each([
  'https://files.example.com/objects/in/x?X-Amz-Signature=abc&X-Amz-Expires=60',
  'https://bucket.s3.amazonaws.com/in/x?signature=abc',
])('what another store signed stays as it is (%s)', (url) => {
  expect(ownUrl(url)).toBe(url)
})
