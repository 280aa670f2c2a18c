import { type ChunkObject, maxChunkObjects, type PlanPage } from '../messages/index.ts'

/** Predicted worker-milliseconds a chunk should take: what is lost, at worst, when its worker dies. */
export const chunkCostMs = 30_000

export interface PredictedObject {
  object: ChunkObject
  /** Predicted worker-milliseconds. */
  cost: number
  /** What the prediction should be multiplied by, from what the job has seen so far. */
  factor: number
}

/**
 * Cuts objects, in order, into chunks of at most 64 objects and about 30 s of calibrated cost; an object that takes longer
 * is a chunk of its own. Chunks carry their cost as it was predicted.
 */
export function cutIntoChunks(objects: readonly PredictedObject[]): PlanPage['chunks'] {
  const chunks: PlanPage['chunks'] = []
  let open: { objects: ChunkObject[]; cost: number } | undefined
  let expected = 0
  for (const { object, cost, factor } of objects) {
    const more = cost * factor
    if (open === undefined || open.objects.length === maxChunkObjects || expected + more > chunkCostMs) {
      open = { objects: [], cost: 0 }
      chunks.push(open)
      expected = 0
    }
    open.objects.push(object)
    open.cost += cost
    expected += more
  }
  return chunks
}
