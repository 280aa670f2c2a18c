import { readFile, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'

const rowSchema = z.object({
  what: z.string(),
  measured: z.string(),
  values: z.record(z.string(), z.number()),
  bar: z.string(),
  met: z.boolean(),
  holds: z.boolean().optional(),
})

const reportSchema = z.object({
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  results: z.record(z.string(), z.object({ date: z.iso.datetime(), rows: z.array(rowSchema) })),
})

/** What was measured on a machine, bench by bench. */
export type Report = z.infer<typeof reportSchema>

/** Puts what was measured now in the place of what was before. Figures of another machine go: they do not compare. */
export function merged(before: Report | undefined, now: Report): Report {
  if (before === undefined || !isDeepStrictEqual(before.machine, now.machine)) return now
  return { ...now, results: { ...before.results, ...now.results } }
}

/** Merges a report into the one in the file, if there is one. */
export async function writeReport(file: URL, now: Report): Promise<void> {
  await writeFile(file, `${JSON.stringify(merged(await readReport(file), now), null, 2)}\n`)
}

async function readReport(file: URL): Promise<Report | undefined> {
  try {
    return reportSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
