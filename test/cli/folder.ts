import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of this test alone, removed when it ends. Any user may work in it. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kompressor-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A time that no test takes: outputs that have it took it over. */
export const longAgo = new Date('2019-05-04T03:02:01.500Z')

/** Writes files, by their paths below the folder, all of `longAgo`. */
export async function fill(folder: string, files: Record<string, Buffer | string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, content)
    await utimes(file, longAgo, longAgo)
  }
}

/** Paths of all files below a folder, without Kompressor's notes. */
export async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  const files: string[] = []
  for (const name of names.filter((name) => !name.startsWith('.kompressor')).sort()) {
    if ((await stat(path.join(folder, name))).isFile()) files.push(name)
  }
  return files
}

/** What a run may leave behind when it is not cleaned up. */
export async function leftovers(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => /\.kompressor-work|\.kompressor\/work/.test(name))
}
