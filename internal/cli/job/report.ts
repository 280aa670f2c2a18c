import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { KompressorError } from '../../errors/index.ts'
import { collectLedger, type LedgerLine, ledgerPrefix, toCsv } from '../../ledger/index.ts'
import { createS3ObjectStore } from '../../objects/index.ts'
import type { Io } from '../io.ts'
import { plural } from '../terminal/format.ts'
import { type Cluster, requireJob } from './cluster.ts'

/**
 * The ledger of a job as CSV, to a file or standard output; says how many objects it is about. Throws ledger_missing when
 * there is none, and what the store says about its bucket.
 */
export async function report(
  cluster: Cluster,
  name: string,
  { out, endpoint, io }: { out: string | undefined; endpoint: string | undefined; io: Io },
): Promise<string> {
  const { metadata, spec } = await requireJob(cluster, name)
  const output = spec.output?.s3
  if (output === undefined) {
    throw new KompressorError(
      'ledger_missing',
      `${name} takes files from clients and keeps no ledger: what became of them is in the API (/v1/batches)`,
    )
  }
  const at = endpoint ?? output.endpoint
  const objects = await createS3ObjectStore({
    bucket: output.bucket,
    ...(at !== undefined && { endpoint: at }),
    ...(output.region !== undefined && { region: output.region }),
  })
  const scratchDir = await mkdtemp(path.join(os.tmpdir(), 'kompressor-report-'))
  try {
    await objects.check()
    const { uid, namespace = '' } = metadata
    const prefix = ledgerPrefix({ uid, namespace, name })
    const ledger = await collectLedger(objects, { prefix, scratchDir })
    try {
      const count = { lines: 0 }
      const csv = Readable.from(toCsv(counted(ledger.lines(), count)))
      await pipeline(csv, out === undefined ? to(io) : createWriteStream(path.resolve(io.cwd, out)))
      if (count.lines > 0)
        return `${plural(count.lines, 'object')} of ${name}${out === undefined ? '' : ` in ${out}`}.`
      throw new KompressorError(
        'ledger_missing',
        `there is nothing below s3://${output.bucket}/${prefix}: the job has not done anything yet, or its notes were deleted`,
      )
    } finally {
      await ledger.close()
    }
  } finally {
    await objects.close()
    await rm(scratchDir, { recursive: true, force: true })
  }
}

function* counted(lines: Iterable<LedgerLine>, count: { lines: number }): Generator<LedgerLine> {
  for (const line of lines) {
    count.lines += 1
    yield line
  }
}

/** Standard output, which is not ours to end. */
function to({ stdout }: Io): Writable {
  return new Writable({
    write(chunk, _, done) {
      stdout.write(String(chunk))
      done()
    },
  })
}
