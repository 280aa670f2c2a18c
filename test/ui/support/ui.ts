import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { type Service, startService } from '../../support/service.ts'
import { findChromium, launchChromium } from './chromium.ts'
import { type OpenedPage, type OpenOptions, openPage, untilStarted } from './page.ts'

export interface Ui {
  /** Of the service, without a slash at the end. */
  readonly url: string
  /** Opens a path. Whatever a page must not do fails the test that opened it. */
  open(path?: string, options?: OpenOptions): Promise<OpenedPage['page']>
  /** The service; tests may kill it and start it again on the same port with its data. */
  readonly service: Service
  restart(): Promise<void>
}

export interface UiOptions {
  /** Of the service. */
  args?: readonly string[]
  /** Fills the data folder before the service starts. */
  prepare?: (dataDir: string) => Promise<void>
}

/**
 * Tests in a browser against a standalone service of their own. Without a Chromium they are skipped, loudly; in CI they
 * fail.
 */
export function describeUi(
  name: string,
  tests: (ui: Ui) => void,
  { args = [], prepare = async () => undefined }: UiOptions = {},
): void {
  const chromium = findChromium()
  if (chromium === undefined) {
    const why = 'no Chromium: install Debian’s chromium, or name one in KOMPRESSOR_CHROMIUM'
    if (process.env.CI === 'true') {
      test(name, () => expect.fail(why))
      return
    }
    process.stderr.write(`SKIPPED ${name}: ${why}\n`)
    describe.skip(`${name} (${why})`, () => tests(unstarted))
    return
  }
  describe(name, () => {
    let browser: Browser | undefined
    let service: Service | undefined
    let dataDir = ''
    let port = 0
    const opened: OpenedPage[] = []
    const { preparedDataDir, codeCache } = inject('ui')
    const env = { NODE_COMPILE_CACHE: codeCache }
    const start = async () => {
      service = await startService({ dataDir, port, args, env, readyMs: 240_000 })
    }
    const started = () => {
      if (service === undefined) throw new Error('the service is started before the tests')
      return service
    }

    beforeAll(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'kompressor-ui-'))
      for (const folder of ['database', 'cache']) {
        await cp(join(preparedDataDir, folder), join(dataDir, folder), { recursive: true })
      }
      await prepare(dataDir)
      port = await freePort()
      const [launched] = await Promise.all([launchChromium(chromium), start()])
      browser = launched
    })
    afterAll(async () => {
      await browser?.close()
      await service?.stop()
      await rm(dataDir, { recursive: true, force: true })
    })
    afterEach(async () => {
      const pages = opened.splice(0)
      for (const { page } of pages) await page.context().close()
      expect(pages.flatMap(({ faults }) => faults)).toEqual([])
    })

    tests({
      get url() {
        return started().url
      },
      get service() {
        return started()
      },
      restart: start,
      async open(path = '/', options = {}) {
        if (browser === undefined) throw new Error('the browser is started before the tests')
        const one = await openPage(browser, started().url, options)
        opened.push(one)
        await one.page.goto(path)
        await untilStarted(one.page)
        return one.page
      },
    })
  })
}

const unstarted: Ui = {
  url: '',
  get service(): Service {
    throw new Error('there is no browser')
  },
  restart: () => Promise.reject(new Error('there is no browser')),
  open: () => Promise.reject(new Error('there is no browser')),
}
