import { mkdir } from 'node:fs/promises'
import type { ReportConfig } from '../config/index.ts'
import { createJobApi } from '../jobapi/index.ts'
import { finishLedger } from '../ledger/index.ts'
import { openJobBucket, outputBucket } from './job-stores.ts'
import { persevere } from './persevere.ts'
import type { TaskDeps } from './planner.ts'

/** `kompressor report`: it holds credentials of the output bucket and the job's token. */
export async function runReport(config: ReportConfig, { logger, signal }: TaskDeps): Promise<void> {
  const { apiUrl, job: jobUid, jobToken: token, scratchDir } = config
  const api = createJobApi({ apiUrl, jobUid, token, signal })
  const output = await openJobBucket(outputBucket(config))
  try {
    await persevere(
      async () => {
        const totals = await api.totals()
        await mkdir(scratchDir, { recursive: true })
        const finished = await finishLedger(output, await api.describe(), {
          totals,
          finishedAt: new Date(),
          scratchDir,
          signal,
        })
        await finished.ledger.close()
        await api.tellReport(finished.reportKey)
        logger.info({ key: finished.reportKey }, 'the report is written')
      },
      { api, logger, signal },
    )
  } finally {
    await output.close()
  }
}
