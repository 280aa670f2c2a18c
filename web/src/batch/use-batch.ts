import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { useApi, useConnection } from '../api/index.ts'
import { useUploads } from '../uploads/context.ts'
import { type BatchStatus, BatchStore } from './store.ts'

/**
 * A batch, read and followed while the component is there. `version` changes with anything in it; `again` reads it anew
 * after a refusal.
 */
export function useBatch(batchId: string): { status: BatchStatus; version: number; again: () => void } {
  const api = useApi()
  const uploads = useUploads()
  const connection = useConnection()
  const store = useMemo(
    () => new BatchStore({ api, uploads, connection, batchId }),
    [api, uploads, connection, batchId],
  )
  const [tries, setTries] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try starts it anew
  useEffect(() => store.start(), [store, tries])
  const version = useSyncExternalStore(store.subscribe, store.version)
  return { status: store.status, version, again: () => setTries((before) => before + 1) }
}
