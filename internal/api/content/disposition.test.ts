import { describe, expect, test } from 'vitest'
import { attachment, nameFromDisposition } from './disposition.ts'

describe('attachment', () => {
  test('names the file alone, without its folders', () => {
    expect(attachment('a/b.jpg')).toBe(`attachment; filename="b.jpg"; filename*=UTF-8''b.jpg`)
  })

  test('carries any name in UTF-8 and something close in ASCII', () => {
    expect(attachment(`ü "x" %.jpg`)).toBe(
      `attachment; filename="_ _x_ _.jpg"; filename*=UTF-8''%C3%BC%20%22x%22%20%25.jpg`,
    )
    expect(attachment("it's(1)*.jpg")).toContain("UTF-8''it%27s%281%29%2A.jpg")
  })
})

describe('nameFromDisposition', () => {
  test.for([
    ['attachment; filename="a b.jpg"', 'a b.jpg'],
    ['attachment; filename=a.jpg', 'a.jpg'],
    ['attachment; filename="a\\"b.jpg"', 'a"b.jpg'],
    [`attachment; filename="x"; filename*=UTF-8''%C3%BC.jpg`, 'ü.jpg'],
    [`attachment; filename="${Buffer.from('ü.jpg').toString('latin1')}"`, 'ü.jpg'],
    [`attachment; filename*=UTF-8''%E0%A4%A`, undefined],
    ['inline', undefined],
    [undefined, undefined],
  ] as const)('of %j is %j', ([header, name]) => {
    expect(nameFromDisposition(header)).toBe(name)
  })

  test('reads what attachment wrote', () => {
    for (const name of ['ü "x" %.jpg', "it's.png", '写真.jpg'])
      expect(nameFromDisposition(attachment(name))).toBe(name)
  })
})
