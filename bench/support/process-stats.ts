import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc/PID/stat: 100 on every Linux Node runs on. */
const ticksPerSecond = 100

/** Resident bytes of one process. */
export function rssBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) * 1024
}

/** Resident bytes of a process and its descendants; what they share counts once for each. */
export function processTreeRssBytes(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, each) => sum + rssIfAlive(each), 0)
}

function rssIfAlive(pid: number): number {
  try {
    return rssBytes(pid)
  } catch {
    // It has ended since the folder was listed.
    return 0
  }
}

/** CPU seconds a process and its descendants have used, those it has waited for included. */
export function cpuSeconds(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, each) => sum + ownCpuSeconds(each), 0)
}

function ownCpuSeconds(pid: number): number {
  const times = statFields(pid).slice(11, 15).map(Number)
  return times.reduce((sum, ticks) => sum + ticks, 0) / ticksPerSecond
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid)
  return children.flatMap((child) => [child, ...descendants(child)])
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(statFields(pid)[1])
  } catch {
    // It has ended since the folder was listed.
    return undefined
  }
}

/** The fields of /proc/PID/stat behind the command, whose name may contain anything: state is 0, parent 1. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
