import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { walk } from './walk.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'kompressor-walk-'))
})
afterEach(() => rm(root, { recursive: true }))

async function make(...files: string[]): Promise<void> {
  for (const file of files) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true })
    await writeFile(path.join(root, file), 'x')
  }
}

async function listed(excluded: ReadonlySet<string> = new Set()): Promise<string[]> {
  const entries: string[] = []
  for await (const entry of walk(root, { excluded })) {
    entries.push(`${entry.kind}${entry.kind === 'ignored' ? ` (${entry.why})` : ''} ${entry.path}`)
  }
  return entries
}

test('meets every file once, hidden ones too, in the order of names, folders before their contents', async () => {
  await make('b/2.jpg', 'b/1.jpg', '.hidden/x', 'a.jpg')
  await mkdir(path.join(root, 'empty'))
  expect(await listed()).toEqual([
    'folder .hidden',
    'file .hidden/x',
    'file a.jpg',
    'folder b',
    'file b/1.jpg',
    'file b/2.jpg',
    'folder empty',
  ])
})

test('leaves out what operating systems leave behind', async () => {
  await make('.DS_Store', 'Thumbs.db', 'desktop.ini', '._a.jpg', 'a.jpg')
  expect((await listed()).filter((line) => line.startsWith('file'))).toEqual(['file a.jpg'])
})

test('follows no links, so that loops end', async () => {
  await make('a/b.jpg')
  await symlink('..', path.join(root, 'a/up'))
  await symlink('/etc', path.join(root, 'etc'))
  await symlink('nowhere', path.join(root, 'broken'))
  expect(await listed()).toEqual([
    'folder a',
    'file a/b.jpg',
    'ignored (link) a/up',
    'ignored (link) broken',
    'ignored (link) etc',
  ])
})

test('leaves out sockets and pipes, which would never end', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path.join(root, 'socket'), resolve))
  expect(await listed()).toEqual(['ignored (special) socket'])
  await new Promise((resolve) => server.close(resolve))
})

test('stays out of outputs: those of this run, those of earlier ones, and notes', async () => {
  await make(
    'out/a.jpg',
    'earlier/.kompressor/run.ndjson',
    'earlier/a.jpg',
    '.kompressor/run.ndjson',
    'a.jpg',
  )
  await make('project/.kompressor/other', 'project/a.jpg')
  expect(await listed(new Set([path.join(root, 'out')]))).toEqual([
    'ignored (own) .kompressor',
    'file a.jpg',
    'ignored (own) earlier',
    'ignored (own) out',
    'folder project',
    'ignored (own) project/.kompressor',
    'file project/a.jpg',
  ])
})

test.skipIf(process.getuid?.() === 0)('says which folder it may not read', async () => {
  await make('locked/a.jpg', 'open/a.jpg')
  await chmod(path.join(root, 'locked'), 0)
  expect(await listed()).toEqual(['unreadable locked', 'folder open', 'file open/a.jpg'])
  await chmod(path.join(root, 'locked'), 0o755)
})
