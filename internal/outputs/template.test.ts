import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkOverlap, checkTemplate, defaultKeyTemplate, findCollision, outputKey } from './index.ts'

const named = (keyTemplate: string, path: string, output: string) =>
  outputKey({ prefix: 'out/', keyTemplate }, path, output)

describe('the key of an output', () => {
  test.each([
    [defaultKeyTemplate, '2024/a.png', 'a.png', 'out/2024/a.png'],
    [defaultKeyTemplate, '2024/a.png', 'a.webp', 'out/2024/a.png.webp'],
    [defaultKeyTemplate, '2024/a.png', 'a.png.webp', 'out/2024/a.png.webp'],
    [defaultKeyTemplate, 'app.log', 'app.log.zst', 'out/app.log.zst'],
    [defaultKeyTemplate, 'README', 'README.zst', 'out/README.zst'],
    ['{dir}web/{hash}{outext}', 'x/a.png', 'a.avif', 'out/x/web/71c3f3b3c7d1d1d0.avif'],
    ['{dir}{stem}-{hash}{ext}', 'a.b.png', 'a.b.png', 'out/a.b-HASH.png'],
    ['{file}', '2024/.hidden', '.hidden', 'out/.hidden'],
    ['{dir}{stem}|{ext}', '2024/.hidden', '.hidden', 'out/2024/.hidden|'],
  ])('%s: %s as %s is %s', (keyTemplate, path, output, expected) => {
    const key = named(keyTemplate, path, output)
    const pattern = expected.replace('HASH', '71').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    if (expected.includes('HASH')) expect(key).toMatch(/^out\/a\.b-[0-9a-f]{16}\.png$/)
    else if (keyTemplate.includes('hash')) expect(key).toMatch(/^out\/x\/web\/[0-9a-f]{16}\.avif$/)
    else expect(key).toMatch(new RegExp(`^${pattern}$`))
  })

  test('is refused when no store would take it', () => {
    expect(() => named(defaultKeyTemplate, 'ä'.repeat(511), 'x')).toThrow(/1026 bytes/)
  })
})

describe('a template', () => {
  test.each([
    '{path}{newext}',
    '{dir}{file}',
    'web/{path}',
    '{dir}{stem}{ext}{newext}',
    '{hash}{outext}',
    '{ext}/{dir}{stem}',
    '{file}/{dir}x',
  ])('%s tells all files apart', (template) => {
    expect(findCollision(template)).toBeUndefined()
    expect(() => checkTemplate(template)).not.toThrow()
  })

  test.each([
    ['{dir}{stem}{outext}', /a\.png and .*a\.jpg would both become .*a\.webp/],
    ['{file}{newext}', /would both become/],
    ['{stem}{ext}', /would both become/],
    ['{dir}{stem}{newext}', /would both become/],
    ['{stem}{dir}', /would both become/],
    ['{dir}{ext}', /would both become/],
    ['{dir}{ext}{stem}', /would both become/],
    ['{file}{dir}{stem}', /would both become/],
    ['fixed.jpg', /would both become fixed\.jpg/],
    ['{name}', /names \{name\}; there are \{path\}/],
    ['{path', /has a single \{/],
    ['', /is empty/],
  ])('%s is refused with an example', (template, message) => {
    expect(() => checkTemplate(template)).toThrow(message)
  })

  test('that passes tells any two files apart whose types change alike', () => {
    const part = fc.stringMatching(/^[ab.]{1,3}$/)
    const key = fc
      .tuple(fc.array(part, { maxLength: 2 }), part)
      .map(([dirs, file]) => [...dirs, file].join('/'))
    const pieces = ['{path}', '{dir}', '{file}', '{stem}', '{ext}', '{newext}', 'x', '']
    const candidates = pieces.flatMap((a) => pieces.flatMap((b) => pieces.map((c) => a + b + c)))
    const passing = candidates.filter(
      (candidate) => candidate !== '' && findCollision(candidate) === undefined,
    )
    expect(passing.length).toBeGreaterThan(50)
    const template = fc.constantFrom(...passing)
    fc.assert(
      fc.property(
        template,
        fc.uniqueArray(key, { minLength: 2, maxLength: 8 }),
        fc.constantFrom('', '.zst'),
        (keyTemplate, keys, suffix) => {
          const outputs = keys.map((k) =>
            named(keyTemplate, k, `${k.slice(k.lastIndexOf('/') + 1)}${suffix}`),
          )
          expect(new Set(outputs).size).toBe(keys.length)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

test.each([
  ['photos/', 'photos/', true],
  ['', 'out/', true],
  ['photos/2024/', 'photos/', true],
  ['photos/', 'web/', false],
])('originals at %s and outputs at %s overlap: %s', (source, output, overlap) => {
  const place = (prefix: string) => ({ store: 's3', bucket: 'b', prefix })
  const check = () => checkOverlap(place(source), place(output))
  if (overlap) expect(check).toThrow(/among the originals/)
  else expect(check).not.toThrow()
  expect(() => checkOverlap(place(source), { ...place(output), bucket: 'c' })).not.toThrow()
})
