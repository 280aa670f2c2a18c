import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hostCpus, hostMemory, readCgroupLimits } from './host.ts'

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

function machine(files: Record<string, string>): string {
  const root = mkdtempSync(path.join(os.tmpdir(), 'kompressor-host-'))
  roots.push(root)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), `${content}\n`)
  }
  return root
}

const none = Number.POSITIVE_INFINITY

describe('readCgroupLimits', () => {
  it('reads the limits of a container under cgroup v2', () => {
    const root = machine({
      'proc/self/cgroup': '0::/',
      'sys/fs/cgroup/cpu.max': '150000 100000',
      'sys/fs/cgroup/memory.max': '536870912',
    })
    expect(readCgroupLimits(root)).toEqual({ cpus: 1.5, memory: 536_870_912 })
  })

  it('takes the lowest limit on the way up', () => {
    const root = machine({
      'proc/self/cgroup': '0::/kubepods/pod1/app',
      'sys/fs/cgroup/kubepods/cpu.max': '800000 100000',
      'sys/fs/cgroup/kubepods/pod1/cpu.max': '200000 100000',
      'sys/fs/cgroup/kubepods/pod1/app/cpu.max': 'max 100000',
      'sys/fs/cgroup/kubepods/pod1/app/memory.max': '2000',
      'sys/fs/cgroup/kubepods/pod1/memory.max': '1000',
    })
    expect(readCgroupLimits(root)).toEqual({ cpus: 2, memory: 1000 })
  })

  it('reads cgroup v1, where a container may show the path of the host', () => {
    const root = machine({
      'proc/self/cgroup': '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1048576',
    })
    expect(readCgroupLimits(root)).toEqual({ cpus: 0.5, memory: 1_048_576 })
  })

  it.each([
    [
      'unlimited v2',
      {
        'proc/self/cgroup': '0::/',
        'sys/fs/cgroup/cpu.max': 'max 100000',
        'sys/fs/cgroup/memory.max': 'max',
      },
    ],
    [
      'unlimited v1',
      {
        'proc/self/cgroup': '1:cpu:/',
        'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1',
        'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
      },
    ],
    ['no cgroups', {}],
  ])('finds no limit: %s', (_, files) => {
    expect(readCgroupLimits(machine(files))).toEqual({ cpus: none, memory: none })
  })
})

describe('this machine', () => {
  it('has at least one CPU and some memory, and not more than it has', () => {
    expect(hostCpus()).toBeGreaterThanOrEqual(1)
    expect(hostCpus()).toBeLessThanOrEqual(os.cpus().length)
    expect(hostMemory()).toBeGreaterThan(0)
    expect(hostMemory()).toBeLessThanOrEqual(os.totalmem())
  })
})
