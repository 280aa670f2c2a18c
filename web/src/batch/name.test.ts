import { expect, test } from 'vitest'
import { nameFor, nameOf, tagsOf } from './name.ts'

test.each([
  [['a.jpg'], 'a.jpg'],
  [['a.jpg', 'b.jpg', 'c.jpg'], 'a.jpg and 2 more'],
  [['Lisbon/a.jpg', 'Lisbon/old/b.jpg'], 'Lisbon'],
  [['Lisbon/a.jpg', 'Porto/b.jpg'], 'a.jpg and 1 more'],
  [['Lisbon/a.jpg', 'LisbonB/b.jpg'], 'a.jpg and 1 more'],
  [['a\nb.jpg'], 'a b.jpg'],
  [['\u0000'], 'Files'],
  [[], 'Files'],
])('%j is called %s', (names, name) => {
  expect(nameFor(names)).toBe(name)
})

test('a name is never longer than the service takes, and still says how many', () => {
  const long = nameFor(['x'.repeat(300), 'b'])
  expect(long).toHaveLength(200)
  expect(long).toMatch(/x and 1 more$/)
  expect(nameFor([`${'y'.repeat(300)}/a`])).toHaveLength(200)
})

test('a batch is shown with its name, or with the end of its id, and its tags as they are searched for', () => {
  const id = '01a2232e-9ed2-74ec-a4af-8e9d4a40cb7e'
  expect(nameOf({ id, name: 'Spring' })).toBe('Spring')
  expect(nameOf({ id })).toBe('Batch 4a40cb7e')
  expect(tagsOf({ tags: { shop: 'north', year: '2026' } })).toEqual(['shop:north', 'year:2026'])
})
