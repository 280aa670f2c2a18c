import { type FileRow, requireFile } from '../../store/index.ts'
import type { Services } from '../env.ts'
import { isSettled } from './render.ts'

/** Seconds a client may ask to wait. */
const longestWait = 60

/** Milliseconds of `Prefer: wait=N` (RFC 7240), at most a minute; undefined when it asks for nothing of the kind. */
export function waitPreference(prefer: string | undefined): number | undefined {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(prefer ?? '')?.[1]
  return seconds === undefined ? undefined : Math.min(Number(seconds), longestWait) * 1000
}

interface Waiting {
  tenantId: string
  timeoutMs: number
  signal: AbortSignal
}

/** The files once all have ended, or as they are when the time is over. */
export function settle(services: Services, files: readonly FileRow[], waiting: Waiting): Promise<FileRow[]> {
  return Promise.all(files.map((file) => settleOne(services, file, waiting)))
}

async function settleOne(
  { store, hub, closing }: Services,
  file: FileRow,
  { tenantId, timeoutMs, signal }: Waiting,
): Promise<FileRow> {
  const over = AbortSignal.any([signal, closing, AbortSignal.timeout(timeoutMs)])
  const watcher = await hub.watch(file.batchId)
  try {
    for (;;) {
      const row = await requireFile(store.db, tenantId, file.id)
      if (isSettled(row) || !(await watcher.changed(timeoutMs, over))) return row
    }
  } finally {
    watcher.close()
  }
}
