import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'

const rowSchema = z.object({
  what: z.string(),
  measured: z.string(),
  values: z.record(z.string(), z.number()),
  bar: z.string(),
  met: z.boolean(),
  holds: z.boolean().optional(),
})

const reportSchema = z.record(
  z.string(),
  z.object({
    date: z.iso.datetime(),
    machine: z.record(z.string(), z.union([z.string(), z.number()])),
    rows: z.array(rowSchema),
  }),
)

/** What was measured last by each bench, when, and on which machine. */
export type Report = z.infer<typeof reportSchema>

/** Puts what was measured now into the file, where benches that did not run keep their figures. */
export async function writeReport(file: URL, now: Report): Promise<void> {
  await writeFile(file, `${JSON.stringify({ ...(await readReport(file)), ...now }, null, 2)}\n`)
}

/** What the file has; undefined when there is none. */
export async function readReport(file: URL): Promise<Report | undefined> {
  try {
    return reportSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
