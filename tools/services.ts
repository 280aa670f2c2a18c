/**
 * Starts the real servers the suites use, says where they are, and keeps them until Ctrl-C:
 *
 *     npm run services
 *
 * With what it prints exported, `npm test` uses them instead of starting its own.
 */
import { once } from 'node:events'
import { startServices } from './services/index.ts'

process.stderr.write('Starting Kafka, Postgres, S3 and Toxiproxy; the first time this takes some minutes.\n')
const { environment, folder, stop } = await startServices({
  postgres: { durable: true },
  s3: true,
  kafka: true,
  toxiproxy: true,
})
process.stdout.write(
  Object.entries(environment)
    .map(([name, value]) => `export ${name}=${value}\n`)
    .join(''),
)
process.stderr.write(`Data and logs: ${folder}. Ctrl-C ends them and removes it.\n`)
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await stop()
