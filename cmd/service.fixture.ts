/**
 * A service that when it is told to stop still keeps the process (`busy`) or does not (`idle`), and whose stop ends
 * (`ends`) or has no end (`hangs`).
 */
import { runService } from './service.ts'

const [keeps, stops] = process.argv.slice(2)

process.exitCode = await runService({
  name: 'fixture',
  env: {},
  config: { logLevel: 'info', logFormat: 'json' },
  warnings: [],
  graceMs: 100,
  closingMs: 100,
  async start() {
    const connection = setInterval(() => undefined, 1_000)
    return {
      url: 'http://nowhere',
      async stop() {
        if (keeps === 'idle') clearInterval(connection)
        if (stops === 'hangs') await new Promise(() => undefined)
      },
    }
  },
})
