import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFaults, describeUi } from './support/index.ts'

/** How much slower than this machine those are that the page must be fast on. */
const slower = 4
/** Seconds until the page must be painted and take files. */
const limit = 1
/** What remains of it for the way of the files over loopback, and for putting the picture on the screen. */
const elsewhere = 0.2
/** Other programs take the processor away and cool its caches down, but not every time. */
const tries = 8

describeUi('speed', (ui) => {
  test('the first page is painted and takes files within a second on a machine four times slower', async () => {
    let best = Number.POSITIVE_INFINITY
    for (let i = 0; i < tries && best >= limit; i += 1) {
      const { painted, takes } = await load(await ui.open('about:blank'), `${ui.url}/`, { slower })
      best = Math.min(best, Math.max(painted, takes))
    }
    expect(best).toBeLessThan(limit)
  })

  test('all of the first page is there after less than a second of work on such a machine, and nothing on it moves', async () => {
    let best = Number.POSITIVE_INFINITY
    for (let i = 0; i < tries && best * slower >= limit - elsewhere; i += 1) {
      const { cpu, shift } = await load(await ui.open('about:blank'), `${ui.url}/`)
      expect(shift).toBeLessThan(0.02)
      best = Math.min(best, cpu)
    }
    // Not the clock: it counts what else the machine does, too.
    expect(best * slower).toBeLessThan(limit - elsewhere)
  })

  test('the first page waits for no answer of the service before it can be used', async () => {
    const page = await ui.open('about:blank')
    await page.route(/\/(v1|healthz)/, () => new Promise(() => undefined))
    await page.goto(`${ui.url}/`)
    await page.getByRole('radio', { name: 'Small', exact: true }).check()
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  })

  test('a batch of 5,000 files is scrolled, searched and filtered with a screenful of rows in the page', async () => {
    const files = Array.from({ length: 5000 }, (_, i) => ({ name: `scan-${i + 1}.tiff`, size: 10 }))
    const created = await fetch(`${ui.url}/v1/batches`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ files }),
    })
    const { id } = await created.json()
    const page = await ui.open(`/batches/${id}`)
    await page.getByRole('button', { name: /^All 5,000$/ }).waitFor()
    const rows = page.getByRole('table', { name: 'Files' }).getByRole('row')
    expect(await rows.count()).toBeLessThan(60)
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
    await page.getByText('scan-5000.tiff').waitFor()
    expect(await rows.count()).toBeLessThan(60)

    await fetch(`${ui.url}/v1/batches/${id}/cancel`, { method: 'POST' })
    await page.getByRole('button', { name: /^Cancelled 5,000$/ }).waitFor()
    await page.getByLabel('Search by name').fill('SCAN-499')
    await expect.poll(() => page.getByRole('table').getAttribute('aria-rowcount')).toBe('12')
    expect(await accessibilityFaults(page)).toEqual([])
  })
})

interface Load {
  /** Seconds until something was painted, and until files that are dropped were taken. */
  painted: number
  takes: number
  /** Seconds of the processor that the page's thread took until all of the page was painted and answered. */
  cpu: number
  /** How much moved until then, and in the half second behind it. */
  shift: number
}

/** Loads the page with nothing in the browser's cache. Asks the browser alone: a driver's own scripts take time, too. */
async function load(page: Page, url: string, { slower = 1 } = {}): Promise<Load> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Page.enable')
  await devtools.send('Page.addScriptToEvaluateOnNewDocument', { source: `(${watch.toString()})()` })
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slower })
  await page.goto(url, { waitUntil: 'commit' })
  const evaluate = async (expression: string) => {
    const { result } = await devtools.send('Runtime.evaluate', { expression, awaitPromise: true })
    return Number(result.value)
  }
  await evaluate('watched.whole')
  const { metrics } = await devtools.send('Performance.getMetrics')
  const cpu = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
  const shift = await evaluate('watched.shift')
  const painted = (await evaluate('watched.painted')) / 1000
  const takes = (await evaluate('watched.takes')) / 1000
  await devtools.detach()
  return { painted, takes, cpu, shift }
}

/** Runs in the page before anything of its own does. */
function watch(): void {
  const painted = new Promise<number>((resolve) => {
    new PerformanceObserver((list) => {
      for (const { name, startTime } of list.getEntries()) {
        if (name === 'first-contentful-paint') resolve(startTime)
      }
    }).observe({ type: 'paint', buffered: true })
  })
  let moved = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if ('value' in entry) moved += Number(entry.value)
  }).observe({ type: 'layout-shift', buffered: true })
  // A page that would take what is over it says so.
  const takes = new Promise<number>((resolve) => {
    const timer = setInterval(() => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File(['.'], 'photo.jpg'))
      const over = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true })
      if (document.dispatchEvent(over)) return
      clearInterval(timer)
      resolve(performance.now())
    }, 5)
  })
  // Once the code has taken over, has painted, and whatever was waiting for its turn has had it, a press would be answered.
  const whole = new Promise<void>((resolve) => {
    const seen = new MutationObserver(() => {
      if (document.querySelector('.compress-settings:not([inert])') === null) return
      seen.disconnect()
      requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => resolve())))
    })
    seen.observe(document, { childList: true, subtree: true })
  })
  const shift = whole.then(async () => {
    await new Promise((resolve) => setTimeout(resolve, 500))
    return moved
  })
  Object.assign(globalThis, { watched: { painted, takes, whole, shift } })
}
