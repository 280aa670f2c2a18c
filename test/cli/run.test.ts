import { mkdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { jsonLines, kompressor } from './command.ts'
import { filesIn, fill, leftovers, longAgo, makeFolder } from './folder.ts'

let photo: Buffer
let otherPhoto: Buffer
let graphic: Buffer

beforeAll(async () => {
  photo = await fixtures.photo({ width: 240, height: 160, seed: 1, format: 'jpeg', quality: 97 })
  otherPhoto = await fixtures.photo({ width: 240, height: 160, seed: 2, format: 'jpeg', quality: 97 })
  graphic = await fixtures.graphic({ width: 240, height: 160 })
})

const fast = ['--preset', 'fast', '--slots', '1']

describe('a folder', () => {
  test('comes out complete and smaller, with its structure, its times and nothing of its originals changed', async () => {
    const cwd = await makeFolder()
    await fill(cwd, {
      'photos/a.jpg': photo,
      'photos/deep/er/b.jpg': otherPhoto,
      'photos/notes.txt': fixtures.log({ bytes: 20_000 }),
      'photos/.hidden.txt': fixtures.log({ bytes: 20_000, seed: 2 }),
      'photos/noise.bin': fixtures.incompressible({ bytes: 5000 }),
      'photos/picture.heic': fixtures.foreign.heic(),
      'photos/.gitkeep': '',
      'photos/.DS_Store': 'junk',
    })
    await mkdir(path.join(cwd, 'photos/empty'))
    await utimes(path.join(cwd, 'photos/deep'), longAgo, longAgo)

    const { code, stdout, stderr } = await kompressor(['run', 'photos', ...fast], { cwd })

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const out = path.join(cwd, 'photos-compressed')
    expect(await filesIn(out)).toEqual([
      '.gitkeep',
      '.hidden.txt.zst',
      'a.jpg',
      'deep/er/b.jpg',
      'noise.bin',
      'notes.txt.zst',
      'picture.heic',
    ])
    for (const name of ['a.jpg', 'noise.bin', 'notes.txt.zst', 'deep']) {
      expect((await stat(path.join(out, name))).mtime).toEqual(longAgo)
    }
    expect((await stat(path.join(out, 'empty'))).isDirectory()).toBe(true)
    expect((await stat(path.join(out, 'a.jpg'))).size).toBeLessThan(photo.length)
    expect(await sharp(path.join(out, 'a.jpg')).metadata()).toMatchObject({ width: 240, format: 'jpeg' })
    expect(await readFile(path.join(out, 'noise.bin'))).toEqual(fixtures.incompressible({ bytes: 5000 }))
    expect(await readFile(path.join(cwd, 'photos/a.jpg'))).toEqual(photo)
    expect(await leftovers(cwd)).toEqual([])
    expect(stdout).toMatch(/^JPEG +2 /m)
    expect(stdout).toMatch(/^total +7 /m)
    expect(stdout).toContain('Output: photos-compressed')
    expect(stdout).toContain('1 junk file left out')
  })

  test('needs no work a second time, and only what is new or was removed a third time', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'p/a.jpg': photo, 'p/b.jpg': otherPhoto })
    await kompressor(['p', ...fast], { cwd })
    const first = await stat(path.join(cwd, 'p-compressed/a.jpg'))

    const second = await kompressor(['p', ...fast], { cwd })
    expect(second.stdout).toContain('2 files done by an earlier run')
    expect((await stat(path.join(cwd, 'p-compressed/a.jpg'))).ino).toBe(first.ino)

    await fill(cwd, { 'p/c.jpg': photo })
    const third = await kompressor(['p', ...fast, '--json'], { cwd })
    const lines = jsonLines(third.stdout)
    expect(lines.map(({ path, earlier }) => [path, earlier])).toEqual(
      expect.arrayContaining([
        ['p/a.jpg', true],
        ['p/c.jpg', false],
      ]),
    )
    expect(lines.at(-1)).toMatchObject({ kind: 'summary', files: { total: 3, compressed: 3, earlier: 2 } })
  })

  test('overwrites nothing: neither files of others nor outputs made differently, until it is told to', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'p/a.jpg': photo, 'p/b.jpg': otherPhoto, 'p-compressed/b.jpg': 'mine' })
    const first = await kompressor(['p', ...fast, '--quality', '80'], { cwd })
    expect(first.code).toBe(0)
    expect(first.stdout).toContain('1 file skipped: the output exists already')
    expect(await readFile(path.join(cwd, 'p-compressed/b.jpg'), 'utf8')).toBe('mine')
    const made = await readFile(path.join(cwd, 'p-compressed/a.jpg'))

    const second = await kompressor(['p', ...fast, '--quality', '40'], { cwd })
    expect(second.code).toBe(0)
    expect(second.stdout).toContain('1 file skipped: the output was made from another version')
    expect(await readFile(path.join(cwd, 'p-compressed/a.jpg'))).toEqual(made)

    const third = await kompressor(['p', ...fast, '--quality', '40', '--overwrite'], { cwd })
    expect(third.code).toBe(0)
    expect((await stat(path.join(cwd, 'p-compressed/a.jpg'))).size).toBeLessThan(made.length)
    expect((await stat(path.join(cwd, 'p-compressed/b.jpg'))).size).toBeGreaterThan(1000)
  })

  test('replaces the output of another format when told to overwrite', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'p/a.jpg': photo })
    await kompressor(['p', ...fast, '--format', 'webp'], { cwd })
    expect(await filesIn(path.join(cwd, 'p-compressed'))).toEqual(['a.jpg.webp'])
    await kompressor(['p', ...fast, '--format', 'avif', '--overwrite'], { cwd })
    expect(await filesIn(path.join(cwd, 'p-compressed'))).toEqual(['a.jpg.avif'])
  })

  test('has a place for every source, also when one is called like the output of another', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'p/a.log': fixtures.log(), 'p/a.log.zst': fixtures.incompressible({ bytes: 3000 }) })
    const { code } = await kompressor(['p', ...fast], { cwd })
    expect(code).toBe(0)
    expect(await filesIn(path.join(cwd, 'p-compressed'))).toEqual(['a.log.2.zst', 'a.log.zst'])
  })

  test('with names of 255 bytes and any script keeps every file', async () => {
    const cwd = await makeFolder()
    const long = `${'写'.repeat(83)}ab.txt`
    expect(Buffer.byteLength(long)).toBe(255)
    await fill(cwd, { [`p/${long}`]: fixtures.log(), 'p/żółć 🐘\n.jpg': photo, 'p/-rf.jpg': otherPhoto })
    const { code, stdout } = await kompressor(['p', ...fast, '--json'], { cwd })
    expect(code).toBe(0)
    expect(jsonLines(stdout).at(-1)).toMatchObject({ files: { total: 3, compressed: 3 } })
    const names = await filesIn(path.join(cwd, 'p-compressed'))
    expect(names).toHaveLength(3)
    expect(names.find((name) => name.endsWith('.zst'))).toMatch(/^写+~[0-9a-f]{8}\.zst$/)
  })

  test('with links that loop or lead out is walked once, and says what it left out', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'p/a.jpg': photo, 'secret/b.jpg': otherPhoto })
    await symlink('..', path.join(cwd, 'p/loop'))
    await symlink('../secret', path.join(cwd, 'p/out'))
    const { code, stdout } = await kompressor(['p', ...fast], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('2 symbolic links not followed')
    expect(await filesIn(path.join(cwd, 'p-compressed'))).toEqual(['a.jpg'])
  })

  test('does not eat its own output inside itself', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'p/a.jpg': photo })
    for (let round = 0; round < 2; round++) {
      expect((await kompressor(['run', 'p', '--out', 'p/small', ...fast], { cwd })).code).toBe(0)
      expect(await filesIn(path.join(cwd, 'p/small'))).toEqual(['a.jpg'])
    }
  })

  test('that is empty is no failure', async () => {
    const cwd = await makeFolder()
    await mkdir(path.join(cwd, 'p'))
    const { code, stdout } = await kompressor(['p'], { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'There are no files to compress.\n' })
  })

  test('with a broken file loses only that one, names it and exits with 1', async () => {
    const cwd = await makeFolder()
    await fill(cwd, {
      'p/a.jpg': photo,
      'p/cut.jpg': fixtures.truncated(photo),
      'p/bomb.png': fixtures.bomb('png'),
    })
    const { code, stdout } = await kompressor(['p', ...fast], { cwd })
    expect(code).toBe(1)
    expect(stdout).toContain('2 files failed and have no output:')
    expect(stdout).toMatch(/p\/cut\.jpg {2}truncated_input/)
    expect(stdout).toMatch(/p\/bomb\.png {2}too_many_pixels/)
    expect(await filesIn(path.join(cwd, 'p-compressed'))).toEqual(['a.jpg'])
    expect(await leftovers(cwd)).toEqual([])
  })
})

describe('files', () => {
  test('go beside their originals under a name of their own', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'a.jpg': photo, 'b.log': fixtures.log(), 'c.bin': fixtures.incompressible() })
    const argv = ['run', 'a.jpg', 'b.log', 'c.bin', ...fast]
    const { code, stdout } = await kompressor(argv, { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('beside the originals')
    expect(await filesIn(cwd)).toEqual(['a-compressed.jpg', 'a.jpg', 'b.log', 'b.log.zst', 'c.bin'])
    expect(await leftovers(cwd)).toEqual([])
    const again = await kompressor(argv, { cwd })
    expect(again.code).toBe(0)
    expect(await filesIn(cwd)).toHaveLength(5)
  })

  test('one alone is answered in two lines', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'a.jpg': photo })
    const { stdout } = await kompressor(['a.jpg', ...fast], { cwd })
    expect(stdout).toMatch(/^a\.jpg {2}[\d.]+ kB → [\d.]+ kB, [\d.]+% saved\n {2}→ a-compressed\.jpg\n$/)
  })

  test('keep their names in --out, together with folders', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'a.png': graphic, 'p/b.jpg': photo })
    const { code } = await kompressor(['run', 'a.png', 'p', '--out', 'new/out', ...fast], { cwd })
    expect(code).toBe(0)
    expect(await filesIn(path.join(cwd, 'new/out'))).toEqual(['a.png', 'p/b.jpg'])
  })
})

describe('the command line', () => {
  test.each([
    [
      ['run', 'nowhere', 'neither'],
      /there is no file or folder nowhere\n.*there is no file or folder neither/,
    ],
    [['run'], /PATH… is missing/],
    [['run', 'p', '--quality', '101'], /--quality must be at most 100/],
    [['run', 'p', '--qualty', '80'], /did you mean --quality\?/],
    [['run', 'p', '--out', 'p'], /where the originals are/],
    [['run', 'p', '--out', '.'], /lies inside the output folder/],
    [['run', 'p', '--out', 'p/a.jpg'], /is a file; outputs need a folder/],
    [['inspct', 'p'], /did you mean inspect\?/],
  ])('%j exits with 2 and says why', async (argv, message) => {
    const cwd = await makeFolder()
    await fill(cwd, { 'p/a.jpg': photo })
    const { code, stdout, stderr } = await kompressor(argv, { cwd })
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(await filesIn(cwd)).toEqual(['p/a.jpg'])
  })

  test('--json writes one line a file and the totals, and nothing else', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'p/a.jpg': photo, 'p/cut.jpg': fixtures.truncated(photo) })
    const { code, stdout } = await kompressor(['p', '--json', ...fast], { cwd })
    expect(code).toBe(1)
    const lines = jsonLines(stdout)
    expect(lines).toHaveLength(3)
    expect(lines).toContainEqual(
      expect.objectContaining({
        kind: 'file',
        path: 'p/a.jpg',
        outcome: 'compressed',
        type: 'image/jpeg',
        bytesIn: photo.length,
        output: path.join(cwd, 'p-compressed/a.jpg'),
      }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({
        path: 'p/cut.jpg',
        error: expect.objectContaining({ code: 'truncated_input' }),
      }),
    )
    expect(lines.at(-1)).toMatchObject({ kind: 'summary', files: { total: 2, compressed: 1, failed: 1 } })
  })

  test('--quiet writes nothing when all is well, and the failures otherwise', async () => {
    const cwd = await makeFolder()
    await fill(cwd, { 'p/a.jpg': photo })
    expect(await kompressor(['p', '--quiet', ...fast], { cwd })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    })
    await writeFile(path.join(cwd, 'p/cut.jpg'), fixtures.truncated(photo))
    const { code, stdout, stderr } = await kompressor(['p', '--quiet', ...fast], { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('truncated_input')
  })
})
