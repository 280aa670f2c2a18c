import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** One generated file: its path from the root of the repository, and how its content is made. */
export interface Generator {
  path: string
  content: () => string | Promise<string>
}

/** Those whose file is absent or differs, with the content it should have. */
export async function drifted(root: string, generators: readonly Generator[]) {
  const compared = await Promise.all(
    generators.map(async (generator) => {
      const wanted = await generator.content()
      return {
        path: generator.path,
        wanted,
        same: wanted === (await contentOf(path.join(root, generator.path))),
      }
    }),
  )
  return compared.filter(({ same }) => !same)
}

export async function write(root: string, files: readonly { path: string; wanted: string }[]): Promise<void> {
  for (const file of files) {
    const target = path.join(root, file.path)
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(target, file.wanted)
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
