import { chmod, chown, mkdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { jsonLines, kompressor, start } from './command.ts'
import { filesIn, fill, leftovers, makeFolder } from './folder.ts'

const count = 40
let photos: Record<string, Buffer>

beforeAll(async () => {
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, seed) => fixtures.photo({ width: 400, height: 300, seed, quality: 97 })),
  )
  photos = Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const name = `p/${index % 3}/photo-${String(index).padStart(2, '0')}.jpg`
      return [name, made[index % made.length] ?? Buffer.alloc(0)]
    }),
  )
})

const argv = ['run', 'p', '--slots', '1', '--json', '--preset', 'fast']

function linesOf(stdout: string): number {
  return stdout.split('\n').length - 1
}

async function decodable(folder: string): Promise<string[]> {
  const files = await filesIn(folder)
  for (const file of files) await sharp(path.join(folder, file)).stats()
  return files
}

describe('a run that is killed at any moment', () => {
  test('leaves whole outputs only and goes on where it was', async () => {
    const cwd = await makeFolder()
    await fill(cwd, photos)
    const out = path.join(cwd, 'p-compressed')
    const inodes = new Map<string, number>()
    for (const lines of [1, 7, 4]) {
      const running = start(argv, { cwd })
      await running.until((stdout) => linesOf(stdout) >= inodes.size + lines)
      running.child.kill('SIGKILL')
      expect((await running.finished).signal).toBe('SIGKILL')
      for (const file of await decodable(out)) {
        const { ino } = await stat(path.join(out, file))
        expect(inodes.get(file) ?? ino).toBe(ino)
        inodes.set(file, ino)
      }
    }
    expect(inodes.size).toBeGreaterThanOrEqual(12)

    const last = await kompressor(argv, { cwd })
    expect(last.code).toBe(0)
    const summary = jsonLines(last.stdout).at(-1)
    expect(summary).toMatchObject({ files: { total: count, compressed: count } })
    expect(summary).toHaveProperty(
      'files.earlier',
      expect.toSatisfy((earlier) => earlier >= inodes.size - 3),
    )
    expect(await decodable(out)).toHaveLength(count)
    for (const [file, ino] of inodes) expect((await stat(path.join(out, file))).ino).toBe(ino)
    expect(await leftovers(cwd)).toEqual([])
  })
})

describe('Ctrl-C', () => {
  const slowly = ['--data-codec', 'Brotli', '--data-level', '11', '--slots', '1']

  test('once finishes the files in work, says how to go on and exits with 130', async () => {
    const cwd = await makeFolder()
    await fill(cwd, photos)
    const running = start(argv, { cwd })
    await running.until((stdout) => linesOf(stdout) >= 3)
    running.child.kill('SIGINT')
    const { code, stdout, stderr } = await running.finished
    expect(code).toBe(130)
    expect(stderr).toContain('press Ctrl-C again to stop at once')
    const lines = jsonLines(stdout)
    const summary = lines.at(-1)
    expect(summary).toMatchObject({ kind: 'summary', interrupted: true, files: { failed: 0 } })
    const files = await decodable(path.join(cwd, 'p-compressed'))
    expect(files).toHaveLength(lines.length - 1)
    expect(files.length).toBeLessThan(count)
    expect(await leftovers(cwd)).toEqual([])
    expect((await kompressor(argv, { cwd })).code).toBe(0)
    expect(await filesIn(path.join(cwd, 'p-compressed'))).toHaveLength(count)
  })

  test('once lets a slow file finish, and starts none of those that wait', async () => {
    const cwd = await makeFolder()
    const slow = fixtures.log({ bytes: 2_000_000 })
    await fill(cwd, { 'p/0.log': slow, 'p/1.log': slow, 'p/2.log': slow })
    const running = start(['run', 'p', ...slowly], { cwd })
    await expect.poll(() => filesInWork(cwd), { timeout: 20_000, interval: 20 }).toBe(1)
    running.child.kill('SIGINT')
    expect((await running.finished).code).toBe(130)
    // Files are read side by side: any of them may get the slot.
    const [file = '', ...more] = await filesIn(path.join(cwd, 'p-compressed'))
    expect(more).toEqual([])
    const compressed = await readFile(path.join(cwd, 'p-compressed', file))
    expect(brotliDecompressSync(compressed).equals(slow)).toBe(true)
    expect(await leftovers(cwd)).toEqual([])
  })

  test('a second time stops at once and leaves nothing half-written', async () => {
    const cwd = await makeFolder()
    // Takes far longer than the test may.
    await fill(cwd, { 'p/slow.log': fixtures.log({ bytes: 50_000_000 }) })
    const running = start(['run', 'p', ...slowly], { cwd })
    await expect.poll(() => filesInWork(cwd), { timeout: 20_000, interval: 20 }).toBe(1)
    running.child.kill('SIGINT')
    await expect.poll(() => running.stderr(), { timeout: 10_000 }).toContain('press Ctrl-C again')
    await expect
      .poll(() => running.child.kill('SIGINT') && running.child.exitCode, { timeout: 10_000, interval: 400 })
      .not.toBeNull()
    expect((await running.finished).code).toBe(130)
    expect(await filesIn(path.join(cwd, 'p-compressed'))).toEqual([])
    expect(await leftovers(cwd)).toEqual([])
  })
})

/** Files of data that a child process has begun: what becomes of them is written as it comes. */
async function filesInWork(cwd: string): Promise<number> {
  const names = await leftovers(cwd).catch(() => [])
  return names.filter((name) => path.basename(name) === 'output').length
}

// Root may read and write everything: these need another user, which only root can become.
describe.skipIf(process.getuid?.() !== 0)('without permission', () => {
  const nobody = 65534

  async function ownFolder(files: Record<string, Buffer>): Promise<string> {
    const cwd = await makeFolder()
    await fill(cwd, files)
    await chmod(cwd, 0o755)
    await chown(cwd, nobody, nobody)
    return cwd
  }

  test('to read a file, that file fails and says so', async () => {
    const [photo = Buffer.alloc(0)] = Object.values(photos)
    const cwd = await ownFolder({ 'p/a.jpg': photo, 'p/secret.jpg': photo, 'p/closed/b.jpg': photo })
    await chmod(path.join(cwd, 'p/secret.jpg'), 0)
    await chmod(path.join(cwd, 'p/closed'), 0)
    const { code, stdout } = await kompressor(['run', 'p', '--slots', '1'], { cwd, uid: nobody })
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /p\/secret\.jpg {2}unreadable_input\n +p\/secret\.jpg cannot be read: permission denied/,
    )
    expect(stdout).toMatch(/p\/closed {2}unreadable_input/)
    expect(await filesIn(path.join(cwd, 'p-compressed'))).toEqual(['a.jpg'])
  })

  test('to write into the output folder, nothing begins', async () => {
    const [photo = Buffer.alloc(0)] = Object.values(photos)
    const cwd = await ownFolder({ 'p/a.jpg': photo })
    await mkdir(path.join(cwd, 'out'))
    const { code, stderr, stdout } = await kompressor(['run', 'p', '--out', 'out'], { cwd, uid: nobody })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/out.*may not be written|permission denied/)
    await rm(path.join(cwd, 'out'), { recursive: true })
    expect(await readFile(path.join(cwd, 'p/a.jpg'))).toEqual(photo)
  })
})
