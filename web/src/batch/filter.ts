import type { Row } from './row.ts'
import type { Sums } from './sums.ts'

/** What part of a batch is shown. */
export const views = ['all', 'open', 'compressed', 'kept', 'failed', 'cancelled'] as const
export type View = (typeof views)[number]

export const viewLabels: Readonly<Record<View, string>> = {
  all: 'All',
  open: 'Under way',
  compressed: 'Compressed',
  kept: 'Kept',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

/** How many rows each view has. */
export function viewCounts(sums: Sums): Record<View, number> {
  return {
    all: sums.files,
    open: sums.pending + sums.queued + sums.processing,
    compressed: sums.compressed,
    kept: sums.kept + sums.skipped,
    failed: sums.failed,
    cancelled: sums.cancelled,
  }
}

export function isInView({ state, result }: Row, view: View): boolean {
  switch (view) {
    case 'all':
      return true
    case 'open':
      return state === 'pending' || state === 'queued' || state === 'processing'
    case 'compressed':
      return state === 'completed' && result?.outcome === 'compressed'
    case 'kept':
      return state === 'completed' && result?.outcome !== 'compressed'
    case 'failed':
    case 'cancelled':
      return state === view
  }
}

/** The rows of a view whose names contain a text, in any case. */
export function select(rows: readonly Row[], view: View, search: string): readonly Row[] {
  const wanted = search.trim().toLowerCase()
  if (view === 'all' && wanted === '') return rows
  return rows.filter((row) => isInView(row, view) && row.name.toLowerCase().includes(wanted))
}
