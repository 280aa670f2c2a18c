import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startService } from '../../test/support/service.ts'
import { standalone as command, loadConfig } from '../config/index.ts'
import { createLogger, createMetrics, startTracing } from '../telemetry/index.ts'
import { openDataDir } from './data-dir.ts'
import { startStandalone } from './index.ts'

let dataDir = ''
const taken = createServer()
let port = 0
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kompressor-start-'))
  await once(taken.listen(0, '127.0.0.1'), 'listening')
  const address = taken.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterEach(async () => {
  await once(taken.close(), 'close')
  await rm(dataDir, { recursive: true })
})

test('a port that is taken leaves nothing open behind it', async () => {
  const argv = ['--port', String(port), '--data-dir', dataDir, '--slots', '1']
  const { config } = loadConfig(command, argv, {})
  const { tracer } = await startTracing({ serviceName: 'test', env: {}, onError: () => undefined })
  const logger = createLogger({ level: 'silent', format: 'json', destination: process.stdout })
  await expect(startStandalone(config, { logger, metrics: createMetrics(), tracer })).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringMatching(`^cannot listen on .*:${port}: .*EADDRINUSE`),
  })
  const again = await openDataDir(dataDir)
  again.unlock()
})

test('the process says in one line that its port is taken, and ends with 2', async () => {
  const failure = await startService({ dataDir, port }).catch((error: Error) => error.message)
  expect(failure).toContain('ended with 2')
  expect(failure).toMatch(`kompressor: cannot listen on 127.0.0.1:${port}`)
  expect(failure).not.toContain('    at ')
})
