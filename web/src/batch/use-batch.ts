import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useApi } from '../api/index.ts'
import { useUploads } from '../uploads/context.ts'
import { type BatchStatus, BatchStore } from './store.ts'

/** A batch, read and followed while the component is there. `version` changes with anything in it. */
export function useBatch(batchId: string): { status: BatchStatus; version: number } {
  const api = useApi()
  const uploads = useUploads()
  const store = useMemo(() => new BatchStore({ api, uploads, batchId }), [api, uploads, batchId])
  useEffect(() => store.start(), [store])
  const version = useSyncExternalStore(store.subscribe, store.version)
  return { status: store.status, version }
}
