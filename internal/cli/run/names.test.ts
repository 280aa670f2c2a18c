import { expect, test } from 'vitest'
import { besideName, fitName, outputName } from './names.ts'

const sources =
  (...names: string[]) =>
  async (name: string) =>
    names.includes(name)

test('an output of the same type has the name of its source', async () => {
  expect(await outputName('a.jpg', 'a.jpg', sources('a.jpg'))).toBe('a.jpg')
})

test('an output of another type carries its extension behind the whole name', async () => {
  expect(await outputName('a.png', 'a.png.webp', sources('a.png'))).toBe('a.png.webp')
})

test('a source that already has the name of another one’s output keeps it, and the other gets a number', async () => {
  const folder = sources('app.js', 'app.js.br', 'app.js.2.br')
  expect(await outputName('app.js', 'app.js.br', folder)).toBe('app.js.3.br')
  expect(await outputName('app.js.br', 'app.js.br', folder)).toBe('app.js.br')
})

test('a name never exceeds 255 bytes, keeps its extension and stays distinct', () => {
  const names = ['写'.repeat(85), `${'写'.repeat(84)}真`].map((stem) => fitName(stem, '.webp'))
  for (const name of names) {
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(name).toMatch(/~[0-9a-f]{8}\.webp$/)
    expect(name).not.toContain('\ufffd')
  }
  expect(new Set(names).size).toBe(2)
})

test('beside its input an output is marked as compressed', () => {
  expect(besideName('/photos/a.b.jpg')).toBe('/photos/a.b-compressed.jpg')
  expect(besideName('README')).toBe('README-compressed')
  expect(besideName('.env')).toBe('.env-compressed')
})
