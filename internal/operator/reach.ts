import type { Client } from '../kube/index.ts'
import { compressionJobs } from './resources.ts'

/** Rejects when the API server does not answer, does not let us in, or does not know CompressionJobs. */
export async function canReach(client: Client, signal: AbortSignal): Promise<void> {
  await client.list(compressionJobs, { limit: 1, signal })
}
