import { Readable } from 'node:stream'
import type { JobTotals, OutputRules, SourceRules } from '../messages/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { type CollectedLedger, collectLedger } from './collected.ts'
import { writeIndex } from './done-index.ts'
import { foretold } from './estimate-note.ts'
import { jobPrefix, ledgerPrefix, reportName } from './paths.ts'
import { type LedgerReport, reportOf } from './report.ts'

/** The job a report is about. */
export interface ReportedJob {
  uid: string
  namespace: string
  name: string
  /** ISO 8601. */
  createdAt: string
  source: SourceRules
  output: OutputRules
}

export interface FinishOptions {
  totals: JobTotals
  finishedAt: Date
  /** Existing folder on a local disk: the ledger is sorted there. */
  scratchDir: string
  signal?: AbortSignal
}

export interface FinishedLedger {
  report: LedgerReport
  /** To be closed. */
  ledger: CollectedLedger
  /** Key of report.json in the output bucket. */
  reportKey: string
}

/** The end of a job: its report and its index beside the ledger. Repeatable. */
export async function finishLedger(
  output: ObjectStore,
  job: ReportedJob,
  { totals, finishedAt, scratchDir, signal }: FinishOptions,
): Promise<FinishedLedger> {
  const ledger = await collectLedger(output, {
    prefix: ledgerPrefix(job),
    scratchDir,
    ...(signal && { signal }),
  })
  try {
    const prefix = jobPrefix(job)
    const report = reportOf(ledger.lines())
    await writeIndex(output, prefix, job, ledger.lines())
    // Where an earlier run has saved its part, the two are not about the same files.
    const whole = totals.settledWhileListing.every(({ reason }) => reason !== 'done_before')
    const estimate = whole ? await foretold(output, job, report.bytes.saved) : undefined
    const reportKey = `${prefix}${reportName}`
    const { uid, namespace, name, source, createdAt } = job
    const document = {
      job: { uid, ...(namespace !== '' && { namespace }), name, source, output: job.output },
      startedAt: createdAt,
      finishedAt: finishedAt.toISOString(),
      /** Counts of the whole job, those included that needed no work. */
      ...totals,
      ledger: report,
      ...(estimate !== undefined && { estimate }),
    }
    await output.put(reportKey, Readable.from([Buffer.from(`${JSON.stringify(document, null, 2)}\n`)]), {
      attributes: { contentType: 'application/json' },
    })
    return { report, ledger, reportKey }
  } catch (error) {
    await ledger.close()
    throw error
  }
}
