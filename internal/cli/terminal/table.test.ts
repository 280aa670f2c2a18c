import { expect, test } from 'vitest'
import { renderTable } from './table.ts'
import { ellipsize, textWidth } from './width.ts'

test('columns line up, also with wide characters, and no line ends in blanks', () => {
  const lines = renderTable(
    [
      { title: 'name', align: 'left' },
      { title: 'size', align: 'right' },
      { title: 'note', align: 'left' },
    ],
    [['写真', '1 kB', 'x'], undefined, ['photo.jpg', '12 kB', '']],
  )
  expect(lines).toEqual([
    'name        size  note',
    '写真        1 kB  x',
    '──────────────────────',
    'photo.jpg  12 kB',
  ])
})

test('colours take no room', () => {
  expect(textWidth('\x1b[1mbold\x1b[22m')).toBe(4)
})

test('a long name keeps its beginning and its end', () => {
  expect(ellipsize('holiday-in-the-mountains-0042.jpg', 20)).toBe('holiday…ins-0042.jpg')
  expect(textWidth(ellipsize('写真'.repeat(20), 11))).toBeLessThanOrEqual(11)
  expect(ellipsize('short.jpg', 20)).toBe('short.jpg')
})
