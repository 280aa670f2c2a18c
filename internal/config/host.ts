import os from 'node:os'

/** CPUs this process may use: the quota of its cgroup (v1 or v2) when that is less than its cores. At least 1. */
export function hostCpus(): number {
  return os.availableParallelism()
}

/** Bytes of memory this process may use: the limit of its cgroup (v1 or v2), or the machine's memory. */
export function hostMemory(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem()
}
