import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, vi } from 'vitest'
import { startMachine } from './machine.ts'

const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
    // A killed process whose parent is gone may wait for init as a zombie.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z'
  } catch {
    return false
  }
}

describe('startMachine', () => {
  it('ends what it started and removes its folder', async () => {
    const machine = await startMachine('kompressor-machine-')
    await machine.start('sleep', 'sleep', ['1000'])
    const pid = Number(readFileSync(path.join(machine.folder, 'pid/sleep'), 'utf8'))
    expect(alive(pid)).toBe(true)
    await machine.stop()
    expect(alive(pid)).toBe(false)
    expect(existsSync(machine.folder)).toBe(false)
  })

  it('says with its last words that a program has exited instead of becoming ready', async () => {
    const machine = await startMachine('kompressor-machine-')
    await machine.start('bad', 'sh', ['-c', 'echo no such flag; exit 3'])
    await expect(machine.waitFor('bad', async () => false)).rejects.toThrow(/bad exited:\nno such flag/)
    await machine.stop()
  })

  it('leaves nothing behind when its process is killed', async () => {
    const script = `
      import { startMachine } from ${JSON.stringify(path.join(import.meta.dirname, 'machine.ts'))}
      import { readFileSync } from 'node:fs'
      const machine = await startMachine('kompressor-machine-')
      await machine.start('sleep', 'sleep', ['1000'])
      console.log(JSON.stringify({ folder: machine.folder, pid: Number(readFileSync(machine.folder + '/pid/sleep', 'utf8')) }))
    `
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface(parent.stdout), 'line')
    const { folder, pid } = JSON.parse(line)
    expect(alive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await vi.waitUntil(() => !alive(pid) && !existsSync(folder), { timeout: 20_000, interval: 50 })
  })
})
