import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { startService } from '../../support/service.ts'
import { findChromium } from './chromium.ts'

interface Prepared {
  /** Of a service that was started, has done nothing and was stopped: a database is copied sooner than it is made. */
  preparedDataDir: string
  /** Where Node keeps compiled code, so that only the first service compiles it. */
  codeCache: string
}

declare module 'vitest' {
  interface ProvidedContext {
    ui: Prepared
  }
}

/** Before the first test: the pages as they are delivered, and what every service of these tests begins with. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kompressor-ui-prepared-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const prepared = { preparedDataDir: path.join(folder, 'data'), codeCache: path.join(folder, 'code') }
  project.provide('ui', prepared)
  // Without a browser all of it is skipped.
  if (findChromium() === undefined) return remove
  try {
    buildPages()
    await prepareService(prepared)
  } catch (error) {
    await remove()
    throw error
  }
  return remove
}

async function prepareService({ preparedDataDir, codeCache }: Prepared): Promise<void> {
  const env = { NODE_COMPILE_CACHE: codeCache }
  const service = await startService({ dataDir: preparedDataDir, env, readyMs: 240_000 })
  await service.stop()
}

/** What is built from the same sources already is left alone. */
function buildPages(): void {
  const script = path.resolve(import.meta.dirname, '../../../tools/build-web.ts')
  // Vitest says `test`, and the libraries would then bring what helps developers.
  const env = { ...process.env, NODE_ENV: 'production' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', env })
  if (status !== 0) throw new Error(`the web interface could not be built:\n${stdout}${stderr}`)
}
