import { describe, expect, test } from 'vitest'
import { checkName, quoteName } from './name.ts'

describe('checkName', () => {
  test.for([
    'photo.jpg',
    'a/b/c.jpg',
    '.hidden',
    '..jpg',
    'name with spaces (1).png',
    'ü.png',
    '写真.jpg',
    `${'x'.repeat(255)}`,
  ])('accepts %j', (name) => {
    expect(checkName(name)).toEqual({ name })
  })

  test('keeps names in NFC, so that one name has one form', () => {
    expect(checkName('u\u0308.png')).toEqual({ name: '\u00fc.png' })
  })

  test.for([
    ['', 'empty'],
    ['/etc/passwd', 'absolute'],
    ['C:/windows', 'absolute'],
    ['../x', '".."'],
    ['a/../x', '".."'],
    ['a/./x', '"."'],
    ['a//b', 'empty part'],
    ['a/', 'empty part'],
    ['a\\b', 'backslash'],
    ['a\0b', 'control'],
    ['a\r\nX-Evil: 1', 'control'],
    ['a\u0085b', 'control'],
    ['\ud800.jpg', 'broken Unicode'],
    ['x'.repeat(256), '256 bytes'],
    ['ü'.repeat(150), '300 bytes'],
    [Array.from({ length: 6 }, () => 'x'.repeat(200)).join('/'), '1205 bytes'],
  ] as const)('refuses %j and says why', ([name, why]) => {
    expect(checkName(name)).toEqual({ problem: expect.stringContaining(why) })
  })
})

test('quotes names so that they cannot break a message, and not at full length', () => {
  expect(quoteName('a\nb')).toBe('"a\\nb"')
  expect(quoteName('x'.repeat(1000)).length).toBeLessThan(120)
})
