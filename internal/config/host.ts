import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/**
 * CPUs this process may use: the quota of its cgroup, rounded up as the Go runtime does, when that is less than its cores.
 * availableParallelism alone is not enough: it scales the quota by the cgroup's weight and misses some mounts of v1.
 */
export function hostCpus(): number {
  return Math.min(os.availableParallelism(), Math.max(1, Math.ceil(readCgroupLimits('/').cpus)))
}

/** Bytes of memory this process may use: the limit of its cgroup, or the machine's memory when that is less. */
export function hostMemory(): number {
  return Math.min(os.totalmem(), readCgroupLimits('/').memory)
}

export interface CgroupLimits {
  /** Infinity when there is no limit. May be a fraction. */
  cpus: number
  /** Bytes; Infinity when there is no limit. */
  memory: number
}

/**
 * Limits of this process's cgroup and of those above it, of which the lowest holds; v1 and v2. In a container the path in
 * /proc may be the host's: folders that do not exist are passed over and the root of the mount remains.
 * See cgroups(7) and the kernel's admin-guide/cgroup-v2.rst (cpu.max, memory.max).
 *
 * @param root where proc and sys are found
 */
export function readCgroupLimits(root: string): CgroupLimits {
  const limits: CgroupLimits = { cpus: Number.POSITIVE_INFINITY, memory: Number.POSITIVE_INFINITY }
  for (const folder of cgroupFolders(root)) {
    const [quota, period] = words(folder, 'cpu.max') ?? [
      ...(words(folder, 'cpu.cfs_quota_us') ?? []),
      ...(words(folder, 'cpu.cfs_period_us') ?? []),
    ]
    const [memory] = words(folder, 'memory.max') ?? words(folder, 'memory.limit_in_bytes') ?? []
    limits.cpus = Math.min(limits.cpus, limit(quota) / Number(period ?? 1))
    limits.memory = Math.min(limits.memory, limit(memory))
  }
  return limits
}

/** Lines are `0::/path` for v2 and `4:cpu,cpuacct:/path` for each hierarchy of v1. */
function cgroupFolders(root: string): string[] {
  const lines = readIfThere(path.join(root, 'proc/self/cgroup'))?.split('\n') ?? []
  return lines.flatMap((line) => {
    const [, controllers, own] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || own === undefined) return []
    const mount = path.join(root, 'sys/fs/cgroup', controllers)
    const steps = own.split('/').filter((step) => step !== '' && step !== '..')
    return [...steps.keys(), steps.length].map((depth) => path.join(mount, ...steps.slice(0, depth)))
  })
}

function words(folder: string, file: string): string[] | undefined {
  return readIfThere(path.join(folder, file))?.trim().split(' ')
}

/** No limit is written `max` in v2 and -1 in v1. */
function limit(word: string | undefined): number {
  const value = Number(word)
  return value > 0 ? value : Number.POSITIVE_INFINITY
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Absent on other systems, in other cgroup versions, or hidden by the container: then there is no limit to be seen.
    return undefined
  }
}
