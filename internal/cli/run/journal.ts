import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { ErrorBody } from '../../errors/index.ts'
import { journalName, notesFolder } from './walk.ts'

const doneSchema = z.object({
  /** Path below the output folder that the source stands for. */
  source: z.string(),
  /** Of the source: bytes, and milliseconds since the epoch. */
  size: z.number(),
  mtimeMs: z.number(),
  /** Names options, limits and engine version. */
  recipe: z.string(),
  /** Path of the output below the output folder. */
  output: z.string(),
  bytes: z.number(),
  outcome: z.enum(['compressed', 'kept_original', 'skipped']),
  reason: z.string().optional(),
  type: z.string(),
})

/** A file that is done, as its line in the journal says. */
export type DoneEntry = z.infer<typeof doneSchema>

/** A file that failed; it is tried again by the next run. */
export interface FailedEntry {
  source: string
  error: ErrorBody
}

/**
 * What was done in an output folder, `.kompressor/run.ndjson`: one line a file, only ever appended to, each line one
 * write. A torn last line, left by a crash, is not understood and therefore done again. Deleting the file is safe.
 */
export class Journal {
  readonly #file: FileHandle
  readonly #earlier: Map<string, DoneEntry>

  private constructor(file: FileHandle, earlier: Map<string, DoneEntry>) {
    this.#file = file
    this.#earlier = earlier
  }

  /** Reads what earlier runs wrote and opens for appending; makes the folder's notes when there are none. */
  static async open(folder: string): Promise<Journal> {
    const notes = path.join(folder, notesFolder)
    await mkdir(notes, { recursive: true })
    const name = path.join(notes, journalName)
    const file = await open(name, 'a')
    const earlier = await readJournal(name)
    // Ends a line that a crash cut off, so that the next one starts on its own.
    if ((await file.stat()).size > 0) await file.appendFile('\n')
    return new Journal(file, earlier)
  }

  /** What an earlier run did with this source. Forgets it: a run meets every source once. */
  take(source: string): DoneEntry | undefined {
    const entry = this.#earlier.get(source)
    this.#earlier.delete(source)
    return entry
  }

  async append(entry: DoneEntry | FailedEntry): Promise<void> {
    await this.#file.appendFile(`${toLine(entry)}\n`)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

async function readJournal(name: string): Promise<Map<string, DoneEntry>> {
  const entries = new Map<string, DoneEntry>()
  const recipes = new Map<string, string>()
  const stream = createReadStream(name, 'utf8')
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    const entry = parseLine(line)
    if (entry === undefined) continue
    // One copy of a text that every line repeats: the map holds a hundred thousand of them.
    const recipe = recipes.get(entry.recipe) ?? entry.recipe
    recipes.set(recipe, recipe)
    entries.set(entry.source, { ...entry, recipe })
  }
  return entries
}

/** Line readers also split at these two characters, which file names may hold and JSON leaves as they are. */
function toLine(entry: DoneEntry | FailedEntry): string {
  return JSON.stringify(entry).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

function parseLine(line: string): DoneEntry | undefined {
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined
  try {
    return doneSchema.safeParse(JSON.parse(line)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
