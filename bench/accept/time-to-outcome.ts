import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { readEvents } from '../../test/support/sse.ts'
import type { BenchClient } from '../support/client.ts'

/** Milliseconds from each upload's 202 to its outcome at a listener of the batch, one file at a time. */
export async function timesToOutcome(
  client: BenchClient,
  batchId: string,
  bytes: Buffer<ArrayBuffer>,
  count: number,
): Promise<number[]> {
  let seen = Promise.withResolvers<void>()
  const done = new AbortController()
  const listening = readEvents(`${client.url}/v1/batches/${batchId}/events`, {
    signal: done.signal,
    onEvent: ({ data }) => {
      const { type } = z.object({ type: z.string() }).parse(data)
      if (type === 'file.completed') seen.resolve()
      if (type === 'file.failed') seen.reject(new Error(JSON.stringify(data)))
    },
  }).catch((error: unknown) => {
    if (!done.signal.aborted) seen.reject(error)
  })
  const times: number[] = []
  for (let i = 0; i < count + 3; i++) {
    seen = Promise.withResolvers<void>()
    await client.upload(batchId, `photo-${i}.jpg`, bytes)
    const uploaded = performance.now()
    await seen.promise
    // The first ones warm everything up.
    if (i >= 3) times.push(performance.now() - uploaded)
    // Idle again: whatever waits a moment to be done together has been done.
    await delay(500)
  }
  done.abort()
  await listening
  return times
}
