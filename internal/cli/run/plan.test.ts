import type { Stats } from 'node:fs'
import { expect, test } from 'vitest'
import { type Input, planRun } from './plan.ts'

function input(absolute: string, kind: 'file' | 'folder', given = absolute): Input {
  const stats = { isDirectory: () => kind === 'folder', isFile: () => kind === 'file' } as Stats
  return { given, real: absolute, absolute, defaultOut: `${absolute}-compressed`, stats }
}

test('a folder goes beside itself, a file too, and no scan enters an output', () => {
  const plan = planRun([input('/p/photos', 'folder'), input('/p/a.jpg', 'file')], undefined)
  expect(plan.sources.map(({ target, prefix }) => [target.folder, target.beside, prefix])).toEqual([
    ['/p/photos-compressed', false, ''],
    ['/p', true, 'a.jpg'],
  ])
  expect([...plan.excluded]).toEqual(['/p/photos-compressed'])
})

test('one folder is unpacked into --out, several paths keep their names in it', () => {
  expect(planRun([input('/p/photos', 'folder')], '/out').sources[0]?.prefix).toBe('')
  const several = planRun([input('/p/photos', 'folder'), input('/q/a.jpg', 'file')], '/out')
  expect(several.sources.map(({ prefix }) => prefix)).toEqual(['photos', 'a.jpg'])
  expect(several.targets).toHaveLength(1)
})

test('what an earlier run wrote beside its inputs is no input', () => {
  const plan = planRun([input('/p/a.jpg', 'file'), input('/p/a-compressed.jpg', 'file')], undefined)
  expect(plan.sources.map(({ prefix }) => prefix)).toEqual(['a.jpg'])
})

test('the same path twice is one input', () => {
  expect(planRun([input('/p/a.jpg', 'file'), input('/p/a.jpg', 'file')], undefined).sources).toHaveLength(1)
  expect(planRun([input('/p/a.jpg', 'file'), input('/p/a.jpg', 'file')], '/out').sources).toHaveLength(1)
})

test.each([
  ['the input folder itself', [input('/p/photos', 'folder')], '/p/photos', /where the originals are/],
  ['the folder of an input file', [input('/p/a.jpg', 'file')], '/p', /where the originals are/],
  ['a folder around the input', [input('/p/photos', 'folder')], '/p', /lies inside the output folder/],
  ['a place two paths would share', [input('/p/a', 'folder'), input('/q/a', 'folder')], '/out', /same name/],
])('%s is refused as output', (_, inputs, out, message) => {
  expect(() => planRun(inputs, out)).toThrow(message)
})

test('an output folder inside the input is allowed and left out of the scan', () => {
  const plan = planRun([input('/p/photos', 'folder')], '/p/photos/small')
  expect(plan.excluded.has('/p/photos/small')).toBe(true)
})

test('the root of a disk has no place beside it', () => {
  expect(() => planRun([input('/', 'folder')], undefined)).toThrow(/give --out/)
})
