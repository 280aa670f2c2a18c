import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from './cursor.ts'

test('a cursor leads back to where it was given', () => {
  expect(decodeCursor('files', encodeCursor('files', 'abc'))).toBe('abc')
})

test('a changed cursor is refused, wherever it is changed', () => {
  const cursor = encodeCursor('files', '01a20520-26f4')
  for (let i = 0; i < cursor.length; i++) {
    const other = cursor[i] === 'A' ? 'B' : 'A'
    expect(() => decodeCursor('files', cursor.slice(0, i) + other + cursor.slice(i + 1))).toThrow('cursor')
  }
  for (const nonsense of ['', 'x', '!', cursor.slice(1), `${cursor}A`]) {
    expect(() => decodeCursor('files', nonsense)).toThrow('cursor')
  }
})

test('a cursor of another list, or of other filters, is refused', () => {
  expect(() => decodeCursor('batches', encodeCursor('files', 'abc'))).toThrow('cursor')
})
