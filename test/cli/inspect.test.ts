import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { jsonLines, kompressor } from './command.ts'
import { filesIn, fill, makeFolder } from './folder.ts'

test('says what a file is and what would be saved, and that is what a run saves', async () => {
  const cwd = await makeFolder()
  const photo = await fixtures.photo({ width: 400, height: 300, quality: 97 })
  await fill(cwd, { 'a.jpg': photo, 'b.bin': fixtures.incompressible() })

  const { code, stdout } = await kompressor(['inspect', 'a.jpg', 'b.bin'], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^a\.jpg {2}JPEG, 400 × 300, [\d.]+ kB\n {2}would become [\d.]+ kB, [\d.]+% saved\n {2}a\.jpg, JPEG, quality \d+/,
  )
  expect(stdout).toMatch(/^b\.bin .*\n {2}would be kept: compressed well enough already$/m)
  expect(await filesIn(cwd)).toEqual(['a.jpg', 'b.bin'])

  const [line] = jsonLines((await kompressor(['inspect', 'a.jpg', '--json'], { cwd })).stdout)
  await kompressor(['run', 'a.jpg', '--slots', '1'], { cwd })
  expect(line).toMatchObject({
    path: 'a.jpg',
    outcome: 'compressed',
    bytesIn: photo.length,
    bytesOut: (await stat(path.join(cwd, 'a-compressed.jpg'))).size,
  })
})

test('a broken file is told apart from the others and makes the exit code 1', async () => {
  const cwd = await makeFolder()
  const photo = await fixtures.photo()
  await fill(cwd, { 'cut.jpg': fixtures.truncated(photo), 'a.jpg': photo })
  const { code, stdout } = await kompressor(['inspect', 'cut.jpg', 'a.jpg'], { cwd })
  expect(code).toBe(1)
  expect(stdout).toMatch(/^cut\.jpg {2}truncated_input\n {2}.+\na\.jpg {2}JPEG/)
})

test('a folder or a missing file is a mistake in the command line', async () => {
  const cwd = await makeFolder()
  await mkdir(path.join(cwd, 'p'))
  const { code, stderr } = await kompressor(['inspect', 'p', 'q.jpg'], { cwd })
  expect(code).toBe(2)
  expect(stderr).toBe('kompressor: p is a folder; inspect takes files: p/*\nthere is no file q.jpg\n')
})
