import { Readable } from 'node:stream'
import {
  type CollectedLedger,
  collectLedger,
  jobPrefix,
  type LedgerReport,
  ledgerPrefix,
  reportOf,
  writeIndex,
} from '../ledger/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import {
  type BatchRow,
  type JobRow,
  readPlan,
  readTallies,
  type Store,
  type TallyRow,
} from '../store/index.ts'

export interface FinishedJob {
  batch: BatchRow
  tallies: TallyRow[]
  report: LedgerReport
  /** To be closed. */
  ledger: CollectedLedger
  /** Key of report.json in the output bucket. */
  reportKey: string
}

/** The end of a job: its report and its index beside the ledger. Repeatable. */
export async function finishJob(
  { output, clock }: { output: { store: ObjectStore }; clock: () => Date },
  store: Store,
  job: JobRow,
  batch: BatchRow,
  scratchDir: string,
): Promise<FinishedJob> {
  const ledger = await collectLedger(output.store, { prefix: ledgerPrefix(job), scratchDir })
  try {
    const prefix = jobPrefix(job)
    const tallies = await readTallies(store.db, batch.id)
    const plan = await readPlan(store.db, job.uid)
    const report = reportOf(ledger.lines())
    if (job.source !== null && job.output !== null) {
      await writeIndex(output.store, prefix, { source: job.source, output: job.output }, ledger.lines())
    }
    const reportKey = `${prefix}report.json`
    const document = {
      job: { uid: job.uid, name: job.name, source: job.source, output: job.output },
      startedAt: job.createdAt.toISOString(),
      finishedAt: clock().toISOString(),
      /** Counts of the whole job, those included that needed no work. */
      files: {
        found: plan.foundFiles,
        completed: batch.completed,
        failed: batch.failed,
        cancelled: batch.cancelled,
      },
      leftOut: plan.leftOut,
      settledWhileListing: tallies
        .filter(({ kind, name }) => kind === 'reason' && settledReasons.has(name))
        .map(({ name, files }) => ({ reason: name, files })),
      ledger: report,
    }
    await output.store.put(
      reportKey,
      Readable.from([Buffer.from(`${JSON.stringify(document, null, 2)}\n`)]),
      {
        attributes: { contentType: 'application/json' },
      },
    )
    return { batch, tallies, report, ledger, reportKey }
  } catch (error) {
    await ledger.close()
    throw error
  }
}

/** Reasons that only listing gives: such objects have no line in the ledger. */
export const settledReasons: ReadonlySet<string> = new Set(['done_before', 'junk', 'archived_storage_class'])
