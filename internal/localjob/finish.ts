import { type FinishedLedger, finishLedger } from '../ledger/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import {
  type BatchRow,
  readAssignment,
  readJobTotals,
  readTallies,
  type Store,
  type TallyRow,
} from '../store/index.ts'

export interface FinishedJob extends FinishedLedger {
  batch: BatchRow
  tallies: TallyRow[]
}

/** The end of a job: its report and its index beside the ledger. Repeatable. */
export async function finishJob(
  { output, clock }: { output: { store: ObjectStore }; clock: () => Date },
  store: Store,
  batch: BatchRow,
  scratchDir: string,
): Promise<FinishedJob> {
  const tallies = await readTallies(store.db, batch.id)
  const finished = await finishLedger(output.store, await readAssignment(store.db, batch.jobUid), {
    totals: await readJobTotals(store.db, batch.jobUid),
    finishedAt: clock(),
    scratchDir,
  })
  return { ...finished, batch, tallies }
}
