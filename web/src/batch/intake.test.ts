import { expect, test } from 'vitest'
import { ApiError } from '../api/problem.ts'
import { type Picked, sortOut } from './intake.ts'
import { faultyFiles, matchWaiting } from './submit.ts'

const picked = (name: string, content: BlobPart = 'x'): Picked => ({
  name,
  file: new File([content], name.slice(name.lastIndexOf('/') + 1)),
})
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name)

test('empty and unreadable files are refused with the reason while the rest go on', async () => {
  const { accepted, refused } = await sortOut([
    picked('a.jpg'),
    picked('empty.png', ''),
    picked('b.HEIC'),
    picked('raw/c.nef'),
    picked('notes.txt'),
  ])
  expect(names(accepted)).toEqual(['a.jpg', 'notes.txt'])
  expect(refused.map(({ name, why }) => [name, why.split(/[ .]/)[0]])).toEqual([
    ['empty.png', 'The'],
    ['b.HEIC', 'HEIC'],
    ['raw/c.nef', 'Camera'],
  ])
})

test('the bytes decide, not the name: a JPEG that is called .heic is taken', async () => {
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0])
  expect((await sortOut([picked('phone.heic', jpeg)])).refused).toEqual([])
})

test('what systems leave in folders is left out without a word', async () => {
  const all = ['x/.DS_Store', 'x/._a.jpg', 'Thumbs.db', '__MACOSX/a.jpg', 'x/desktop.ini', 'x/a.jpg']
  const { accepted, refused } = await sortOut(all.map((name) => picked(name)))
  expect(names(accepted)).toEqual(['x/a.jpg'])
  expect(refused).toEqual([])
})

test('names are made unique before their ends, and lose the slash they start with', async () => {
  const { accepted } = await sortOut([
    picked('image.png'),
    picked('image.png'),
    picked('/f/.env'),
    picked('/f/.env'),
    picked('image (2).png'),
  ])
  expect(names(accepted)).toEqual(['image.png', 'image (2).png', 'f/.env', 'f/.env (2)', 'image (2) (2).png'])
})

test('no more are taken than a batch holds, and the others are named', async () => {
  const { accepted, refused } = await sortOut(Array.from({ length: 10_003 }, (_, i) => picked(`${i}.jpg`)))
  expect(accepted).toHaveLength(10_000)
  expect(names(refused)).toEqual(['10000.jpg', '10001.jpg', '10002.jpg'])
})

test('a refusal of the service is read by the files it names', () => {
  const error = new ApiError('no', {
    code: 'file_too_large',
    status: 413,
    retryable: false,
    faults: [
      { pointer: '#/files/3/size', detail: '9 bytes; the limit is 5' },
      { pointer: '#/options/images', detail: 'something else' },
      { detail: 'nowhere' },
    ],
  })
  expect([...faultyFiles(error).keys()]).toEqual([3])
  expect(faultyFiles(error).get(3)).toContain('the limit is 5')
})

test('files chosen again are found by name and size, with their folder or without', () => {
  const waiting = [
    { name: 'holiday/a.jpg', size: 1 },
    { name: 'b.jpg', size: 1 },
    { name: 'c.jpg', size: 99 },
  ]
  const found = matchWaiting(waiting, [picked('a.jpg'), picked('/x/b.jpg'), picked('c.jpg'), picked('d.jpg')])
  expect([...found.keys()]).toEqual(['holiday/a.jpg', 'b.jpg'])
})
