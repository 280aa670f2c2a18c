import { isAbsolute, join, normalize } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeName, fromByteString, keyToNames, prefixFolder, toByteString } from './key-path.ts'
import { keyToUrlPath, urlPathToKey } from './signing.ts'

/** Keys made of what is easily confused, and of anything. */
const segment = fc.oneof(
  fc.constantFrom('', '.', '..', '~', '~.', 'a', 'A', 'b', '%', '%2f', '+', '=', 'é', '\ufffd', '😀', 'con'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.integer({ min: 76, max: 84 }).map((n) => 'x'.repeat(n)),
  fc.integer({ min: 156, max: 164 }).map((n) => 'x'.repeat(n)),
)
const key = fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => segments.join('/'))

const path = (text: string) => keyToNames(toByteString(text)).join('/')

function decodePath(names: readonly string[]): string {
  return fromByteString(names.map((name) => decodeName(name)?.bytes).join(''))
}

describe('the paths of keys', () => {
  test('keys can be read from their paths', () => {
    fc.assert(
      fc.property(key, (text) => {
        expect(decodePath(keyToNames(toByteString(text)))).toBe(text)
      }),
    )
  })

  test('distinct keys have paths that differ in more than case, and none lies inside the file of another', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        fc.pre(a !== b)
        const [pathA, pathB] = [path(a).toUpperCase(), path(b).toUpperCase()]
        expect(pathA).not.toBe(pathB)
        expect(pathA.startsWith(`${pathB}/`)).toBe(false)
      }),
    )
  })

  test('every name is safe on every file system, and no path leaves its root', () => {
    fc.assert(
      fc.property(key, (text) => {
        for (const name of keyToNames(toByteString(text))) expect(name).toMatch(/^[a-z0-9._%-]{0,240}[+=~]$/)
        const full = join('/root', path(text))
        expect(full).toBe(`/root/${path(text)}`)
        expect(normalize(full)).toBe(full)
        expect(isAbsolute(path(text))).toBe(false)
      }),
    )
  })

  test('walking folders in the order of their decoded names visits keys in the order of their bytes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 20 }), (keys) => {
        const visited = walk(keys.map((text) => keyToNames(toByteString(text))))
        const inOrder = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(visited).toEqual(inOrder)
      }),
    )
  })

  test('all keys with a prefix, and their folders, lie in the folder of the prefix', () => {
    fc.assert(
      fc.property(key, fc.nat(), (text, cut) => {
        const bytes = toByteString(text)
        const prefix = bytes.slice(0, cut % (bytes.length + 1))
        const folder = prefixFolder(prefix)
        expect(keyToNames(bytes).slice(0, folder.names.length)).toEqual(folder.names)
        expect(prefix.startsWith(folder.bytes)).toBe(true)
      }),
    )
  })

  test('the longest keys make paths below 3,200 characters', () => {
    for (const longest of ['A'.repeat(1024), '/'.repeat(1024), 'é'.repeat(512), 'A/'.repeat(512)]) {
      expect(path(longest).length).toBeLessThan(3200)
    }
  })

  test.each(['.DS_Store', 'a', 'A=', '%41%=', '%61=', '%4=', '%2f=', `${'x'.repeat(80)}=`, 'x~', ''])(
    'the foreign name %j is nobody’s',
    (name) => expect(decodeName(name)).toBeUndefined(),
  )
})

describe('keys in URLs', () => {
  test('survive a URL parser and come back', () => {
    fc.assert(
      fc.property(key, (text) => {
        const { pathname } = new URL(`http://localhost/objects/${keyToUrlPath(text)}?a=b`)
        expect(urlPathToKey(pathname.slice('/objects/'.length))).toBe(text)
      }),
    )
  })
})

/** Visits paths as the listing does: siblings by their decoded bytes, folders in depth. */
function walk(paths: readonly string[][], parent = ''): string[] {
  const siblings = Map.groupBy(paths, ([name]) => name ?? '')
  const decoded = [...siblings].map(([name, below]) => ({ below, bytes: decodeName(name)?.bytes ?? '' }))
  return decoded
    .toSorted((a, b) => (a.bytes < b.bytes ? -1 : 1))
    .flatMap(({ below, bytes }) => {
      const rest = below.map((names) => names.slice(1)).filter((names) => names.length > 0)
      return rest.length > 0 ? walk(rest, parent + bytes) : [fromByteString(parent + bytes)]
    })
}
