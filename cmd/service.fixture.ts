/** A service with a connection to somebody who never answers: it keeps the process, and its stop has no end. */
import { runService } from './service.ts'

process.exitCode = await runService({
  name: 'hanging',
  env: {},
  config: { logLevel: 'info', logFormat: 'json' },
  warnings: [],
  graceMs: 100,
  closingMs: 100,
  async start() {
    setInterval(() => undefined, 1_000)
    return { url: 'http://nowhere', stop: () => new Promise(() => undefined) }
  },
})
