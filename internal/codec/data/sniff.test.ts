import { describe, expect, it } from 'vitest'
import { sniffData } from './sniff.ts'

describe('sniffData', () => {
  it.each([
    ['application/gzip', true, '\x1f\x8b\x08\0'],
    ['application/zstd', true, '\x28\xb5\x2f\xfd\x24'],
    ['application/zip', false, 'PK\x03\x04\x14\0'],
    ['application/pdf', false, '%PDF-1.7\n'],
    ['video/mp4', true, '\0\0\0\x20ftypisom'],
    ['application/x-executable', false, '\x7fELF\x02\x01'],
    ['application/octet-stream', false, '\x80\x81\x82\x00abc'],
    ['application/octet-stream', false, ''],
    ['text/plain', false, 'just some words\n'],
    ['application/json', false, '  {"a": 1}'],
    ['application/json', false, '[{"a": 1}]'],
    ['text/plain', false, '[section]\nkey = value'],
    ['application/xml', false, '<?xml version="1.0"?><a/>'],
    ['text/html', false, '<!DOCTYPE html><title>x</title>'],
    [
      'image/svg+xml',
      false,
      '<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
  ])('is %s (compressed: %s) for %j', (type, compressed, bytes) => {
    expect(sniffData(Buffer.from(bytes, 'latin1'))).toMatchObject({ type, compressed })
  })

  it('does not mistake a character cut at the end of the head for binary', () => {
    const head = Buffer.from('Grüße aus Köln €').subarray(0, -1)
    expect(sniffData(head).type).toBe('text/plain')
  })
})
