import { processIo } from '../internal/cli/index.ts'
import { job as steerJobs } from '../internal/cli/job/index.ts'

/** `kompressor job VERB …`: CompressionJobs of the cluster a kubeconfig names. */
export function job(argv: readonly string[]): Promise<number> {
  return steerJobs(argv, processIo())
}
