import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** Before the first test: the pages as they are delivered. What is built from the same sources already is left alone. */
export function setup(): void {
  const script = path.resolve(import.meta.dirname, '../../../tools/build-web.ts')
  // Vitest says `test`, and the libraries would then bring what helps developers.
  const env = { ...process.env, NODE_ENV: 'production' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', env })
  if (status !== 0) throw new Error(`the web interface could not be built:\n${stdout}${stderr}`)
}
