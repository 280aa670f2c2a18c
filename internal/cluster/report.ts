import { mkdir } from 'node:fs/promises'
import type { ReportConfig } from '../config/index.ts'
import { createJobApi } from '../jobapi/index.ts'
import { finishLedger } from '../ledger/index.ts'
import type { Limiter } from '../limits/index.ts'
import { openJobBucket, outputBucket } from './job-stores.ts'
import { withinLimits } from './limited.ts'
import { persevere } from './persevere.ts'
import type { TaskDeps } from './planner.ts'

/** `kompressor report`: it holds credentials of the output bucket and the job's token. */
export async function runReport(config: ReportConfig, deps: TaskDeps): Promise<void> {
  const { apiUrl, job: jobUid, jobToken: token } = config
  const told = { apiUrl, jobUid, token, logger: deps.logger }
  await withinLimits(told, (limiter) => writeReport(config, deps, limiter))
}

async function writeReport(
  config: ReportConfig,
  { logger, signal }: TaskDeps,
  limiter: Limiter,
): Promise<void> {
  const { apiUrl, job: jobUid, jobToken: token, scratchDir } = config
  const api = createJobApi({ apiUrl, jobUid, token, signal })
  const output = await openJobBucket(outputBucket(config), { limiter })
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
