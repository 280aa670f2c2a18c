import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export interface OpenOptions {
  /** Default light. */
  colorScheme?: 'light' | 'dark'
  /** Default 1280 x 800. */
  viewport?: { width: number; height: number }
  reducedMotion?: 'reduce' | 'no-preference'
  locale?: string
}

export interface OpenedPage {
  page: Page
  /** What no page may do: errors in its code, broken policies, requests to anybody else. */
  faults: string[]
}

/** A page in a profile of its own. Its clock, language and motion are the same on every machine. */
export async function openPage(
  browser: Browser,
  url: string,
  {
    colorScheme = 'light',
    viewport = { width: 1280, height: 800 },
    reducedMotion = 'reduce',
    locale = 'en-GB',
  }: OpenOptions = {},
): Promise<OpenedPage> {
  const options: BrowserContextOptions = { colorScheme, viewport, reducedMotion, locale, timezoneId: 'UTC' }
  const context = await browser.newContext({ ...options, baseURL: url })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && /content security policy/i.test(message.text())) {
      faults.push(`policy: ${message.text()}`)
    }
  })
  page.on('request', (request) => {
    const target = new URL(request.url())
    const own = target.origin === url || target.protocol === 'blob:' || target.protocol === 'data:'
    if (!own) faults.push(`request to somebody else: ${request.url()}`)
  })
  return { page, faults }
}

/** Waits until the code of the page is there: the first page is seen before, and what is set in it then is lost. */
export async function untilStarted(page: Page): Promise<void> {
  await page.locator('.compress-settings[inert]').waitFor({ state: 'detached' })
}
