import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Service, startService } from '../support/service.ts'

export interface Running extends Service {
  dataDir: string
  /** Stops it as a user would, looks at what it leaves, and removes its folder. Throws when it did not end well. */
  finish(): Promise<Leftovers>
}

/** What should be empty or even when nothing is being done. */
export interface Leftovers {
  scratch: string[]
  pending: string[]
  /** Names of objects, and how many contents there are: one each. */
  keys: string[]
  blobs: number
}

/** The product as its users have it, in a folder of its own. */
export async function startRunning(args: readonly string[] = []): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-standalone-'))
  const dataDir = join(folder, 'data')
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const service = await startService({ dataDir, args: ['--slots', '2', ...args] })
    const finish = async () => {
      const children = await childrenOf(service.pid)
      const code = await service.stop()
      const left = await leftovers(dataDir)
      await remove()
      const alive = children.filter(isAlive)
      if (code !== 0) throw new Error(`the service ended with ${code}\n${service.output()}`)
      if (alive.length > 0) throw new Error(`the service left processes behind: ${alive}`)
      return left
    }
    return { ...service, dataDir, finish }
  } catch (error) {
    await remove()
    throw error
  }
}

export async function leftovers(dataDir: string): Promise<Leftovers> {
  const objects = join(dataDir, 'objects')
  return {
    scratch: await filesIn(join(dataDir, 'scratch')),
    pending: await filesIn(join(objects, 'pending')),
    keys: await filesIn(join(objects, 'keys')),
    blobs: (await filesIn(join(objects, 'blobs'))).length,
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Bytes of memory of a process; undefined where there is no /proc. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await proc(pid, 'status')
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
  return kib === undefined ? undefined : Number(kib) * 1024
}

/** Pids of the compressing processes; none where there is no /proc. */
export async function childrenOf(pid: number): Promise<number[]> {
  const pids = (await proc(pid, `task/${pid}/children`)).split(' ').filter((word) => word.trim() !== '')
  return pids.map(Number)
}

async function proc(pid: number, file: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}
