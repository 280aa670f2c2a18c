import type { OutgoingRecord } from '../../internal/broker/index.ts'
import { type CompressionOptions, compressionOptionsSchema } from '../../internal/codec/index.ts'
import { type ChunkTask, envelopeHeaders, type Task } from '../../internal/messages/index.ts'
import { defaultKeyTemplate } from '../../internal/outputs/index.ts'

/** An object in the bucket. */
export interface Stored {
  key: string
  size: number
  etag: string
}

/** Fixed quality and no searching, as the bare loop does it. */
export const options: CompressionOptions = compressionOptionsSchema.parse({
  images: { format: 'JPEG', quality: 76, minScore: 0 },
  minSavingsPercent: 0,
})

/** A task an object, as uploads are. */
export function singleTasks(objects: readonly Stored[], run: string): OutgoingRecord[] {
  return objects.map(({ key, size }, i) => {
    const fileId = `${run}-${i}`
    const task: Task = {
      taskId: fileId,
      attempt: 1,
      tenantId: 'default',
      jobUid: 'default',
      batchId: run,
      options,
      objects: [{ fileId, key, name: key.slice(key.lastIndexOf('/') + 1), size }],
    }
    return recordOf('task', task)
  })
}

/** A task for up to `per` objects, as buckets are worked off. */
export function chunkTasks(
  objects: readonly Stored[],
  { run, bucket, per }: { run: string; bucket: string; per: number },
): OutgoingRecord[] {
  return Array.from({ length: Math.ceil(objects.length / per) }, (_, i) => {
    const task: ChunkTask = {
      kind: 'chunk',
      taskId: `${run}-${i}`,
      attempt: 1,
      tenantId: 'default',
      jobUid: run,
      batchId: run,
      options,
      attemptsLeft: 1,
      source: { bucket, prefix: 'in/' },
      output: { prefix: `${run}/`, keyTemplate: defaultKeyTemplate, onExisting: 'Skip', preserve: [] },
      ledger: `.kompressor/${run}/ledger/`,
      objects: objects.slice(i * per, (i + 1) * per),
    }
    return recordOf('chunkTask', task)
  })
}

function recordOf(type: 'task' | 'chunkTask', task: Task | ChunkTask): OutgoingRecord {
  const headers = envelopeHeaders(type, { id: `${task.taskId}.1`, source: '/bench', time: new Date() })
  return { key: task.taskId, value: JSON.stringify(task), headers }
}
