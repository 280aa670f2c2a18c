import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

test('a process ends when it is told to, even if something in it never stops', async () => {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'service.fixture.ts')])
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  await expect.poll(() => said, { timeout: 30_000 }).toContain('hanging is ready')
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  expect(code).toBe(1)
  expect(said).toContain('something did not stop within 0.2 s; ending without it')
})
