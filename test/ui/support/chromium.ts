import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Nothing it does by itself: no updates, no reports, no other network. */
const args = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A container's /dev/shm is too small for a long page.
  '--disable-dev-shm-usage',
]

/** A Chromium on this machine: the one named, Debian's, or one that Playwright installed. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env.KOMPRESSOR_CHROMIUM
  if (named !== undefined && !existsSync(named)) throw new Error(`KOMPRESSOR_CHROMIUM: ${named} is not there`)
  return [named, '/usr/bin/chromium', chromium.executablePath()].find(
    (path) => path !== undefined && existsSync(path),
  )
}

/** Without a sandbox, because tests run as root in containers; it opens this service's pages alone. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args, chromiumSandbox: false })
}
