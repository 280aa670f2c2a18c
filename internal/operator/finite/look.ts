import { type FiniteJob, type JobFigures, jobFigures, readFiniteJob } from '../../store/index.ts'
import type { JobIdentity } from '../names.ts'
import type { OperatorDeps } from '../ports.ts'
import { type FiniteFigures, figuresOf } from './figures.ts'

/** A finite job as the database has it. */
export interface Known {
  stored: FiniteJob
  /** Of its tasks. */
  counts: JobFigures
  figures: FiniteFigures
}

/** Undefined when the job was never made. */
export async function look(
  { store, now }: Pick<OperatorDeps, 'store' | 'now'>,
  { uid }: JobIdentity,
): Promise<Known | undefined> {
  const stored = await readFiniteJob(store.db, uid)
  const [counts] = stored === undefined ? [] : await jobFigures(store.db, [uid], now())
  if (stored === undefined || counts === undefined) return undefined
  return { stored, counts, figures: figuresOf(stored) }
}
