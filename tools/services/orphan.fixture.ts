/** Starts Postgres and S3, says where, and waits to be killed. */
import { startServices } from './index.ts'

const { environment, folder } = await startServices({ postgres: true, s3: true })
process.stdout.write(`${JSON.stringify({ environment, folder })}\n`)
setInterval(() => undefined, 60_000)
