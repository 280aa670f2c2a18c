import { Readable } from 'node:stream'
import { z } from 'zod'
import { type Estimate, estimateSchema, type Interval } from '../estimate/index.ts'
import type { OutputRules, SourceRules } from '../messages/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { afterParts, estimateName, jobPrefix, notesPrefix } from './paths.ts'

/** What an estimate is about: a run over the same source into the same place is held against it. */
interface Subject {
  source: SourceRules
  output: Pick<OutputRules, 'prefix'>
}

const noteSchema = estimateSchema.extend({
  job: z.object({
    source: z.object({ bucket: z.string(), prefix: z.string() }),
    output: z.object({ prefix: z.string() }),
  }),
})

/** Writes `estimate.json` where the report of a run would lie; returns its key. Repeatable. */
export async function writeEstimate(
  output: Pick<ObjectStore, 'put'>,
  job: Subject & { uid: string; namespace: string; name: string },
  estimate: Estimate,
): Promise<string> {
  const { uid, namespace, name, source } = job
  const about = { uid, namespace, name, source, output: { prefix: job.output.prefix } }
  const key = `${jobPrefix(job)}${estimateName}`
  const text = `${JSON.stringify({ job: about, ...estimate }, null, 2)}\n`
  await output.put(key, Readable.from([Buffer.from(text)]), {
    attributes: { contentType: 'application/json' },
  })
  return key
}

/** How far off an estimate was. */
export interface Foretold {
  /** Of the estimate, in the output bucket. */
  key: string
  at: string
  /** Bytes. */
  saved: Interval
  actual: number
  /** Actual savings less foretold ones, in percent of the bytes the estimate was about. */
  offPercent: number
  /** Whether the interval held them. */
  held: boolean
}

/** Holds what a run saved against the newest estimate of the same source and output prefix, if there is one. */
export async function foretold(
  output: Pick<ObjectStore, 'list' | 'get'>,
  { source, output: { prefix } }: Subject,
  actual: number,
): Promise<Foretold | undefined> {
  let newest: Foretold | undefined
  for await (const key of estimateKeys(output)) {
    const { body } = await output.get(key)
    const note = noteSchema.safeParse(parsed(Buffer.concat(await body.toArray()).toString())).data
    if (note === undefined || (newest !== undefined && newest.at > note.at)) continue
    const { job, saved, found, at } = note
    if (job.source.bucket !== source.bucket || job.source.prefix !== source.prefix) continue
    if (job.output.prefix !== prefix) continue
    const off = found.bytes === 0 ? 0 : ((actual - saved.value) / found.bytes) * 100
    const held = saved.low <= actual && actual <= saved.high
    newest = { key, at, saved, actual, offPercent: Math.round(off * 100) / 100, held }
  }
  return newest
}

/** A note somebody has changed says nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function* estimateKeys(output: Pick<ObjectStore, 'list'>): AsyncGenerator<string> {
  let startAfter: string | undefined
  do {
    const { items, next } = await output.list({
      prefix: notesPrefix,
      ...(startAfter !== undefined && { startAfter }),
    })
    for (const { key } of items) if (isNote(key)) yield key
    startAfter = next === undefined ? undefined : afterParts(next)
  } while (startAfter !== undefined)
}

function isNote(key: string): boolean {
  const [, name, ...more] = key.slice(notesPrefix.length).split('/')
  return name === estimateName && more.length === 0
}
