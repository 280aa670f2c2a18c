import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'

/** Starts the service of the fixture, tells it to stop, and returns how it ended. */
async function endOf(...args: readonly string[]) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'service.fixture.ts'), ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  await expect.poll(() => said, { timeout: 30_000 }).toContain('fixture is ready')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  return { code, said }
}

describe('a process that is told to stop', () => {
  test.each(['busy', 'idle'])('ends even if something in it never stops, %s or not', async (keeps) => {
    const { code, said } = await endOf(keeps, 'hangs')
    expect(code).toBe(1)
    expect(said).toContain('something did not stop within 0.2 s; ending without it')
  })

  test.each(['busy', 'idle'])('ends in order when everything has stopped, %s or not', async (keeps) => {
    const { code, said } = await endOf(keeps, 'ends')
    expect(code).toBe(0)
    expect(said).not.toContain('did not stop')
  })
})
