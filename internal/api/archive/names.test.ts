import { expect, test } from 'vitest'
import { EntryNames } from './names.ts'

test.for([
  ['a/b.jpg', 'a/b.jpg'],
  ['../../etc/passwd', 'etc/passwd'],
  ['/abs', 'abs'],
  ['a\\..\\b', 'a_.._b'],
  ['C:/x', 'C_/x'],
  ['a\r\nb', 'a__b'],
  ['...', 'file'],
  ['dot. ', 'dot'],
  ['', 'file'],
] as const)('%j becomes %j, which stays in its folder', ([name, entry]) => {
  expect(new EntryNames().claim(name)).toBe(entry)
})

test('gives every entry a name of its own, also where case does not count', () => {
  const names = new EntryNames()
  const claimed = ['a/x.webp', 'a/x.webp', 'A/X.webp', 'x', 'x', '.gitignore', '.gitignore'].map((name) =>
    names.claim(name),
  )
  expect(claimed).toEqual([
    'a/x.webp',
    'a/x (2).webp',
    'A/X (3).webp',
    'x',
    'x (2)',
    '.gitignore',
    '.gitignore (2)',
  ])
})
