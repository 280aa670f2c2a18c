import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { fileSchema } from '../standalone/client.ts'
import { unzip } from '../standalone/zip.ts'
import { batchIdOf, choose, drop, jpeg, type PageFile, untilDone } from './support/files.ts'
import { accessibilityFaults, describeUi, untilStarted } from './support/index.ts'
import { landscape } from './support/landscapes.ts'

async function photographs(count: number, width = 480): Promise<PageFile[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) =>
      jpeg(`photo ${i + 1}.jpg`, await landscape({ seed: i + 1, width, height: Math.round(width / 1.5) })),
    ),
  )
}

/** Machines that test are busy. */
const within = { timeout: 30_000 }

const row = (page: Page, name: string) =>
  page.getByRole('row', { name: new RegExp(name.replace('.', '\\.')) })

describeUi('compressing in the browser', (ui) => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kompressor-large-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('photographs are dropped, become smaller, are compared, and come home as they are in the zip', async () => {
    const page = await ui.open('/')
    await drop(page, await photographs(6))
    const id = await batchIdOf(page)
    await untilDone(page)
    expect(await page.getByTestId('saved').textContent()).toMatch(/^\d[\d.]* [kM]B$/)
    expect(await page.getByText('Compressed', { exact: true }).count()).toBeGreaterThanOrEqual(6)

    await page.getByRole('button', { name: /photo 1\.jpg/ }).click()
    const dialog = page.getByRole('dialog')
    for (const img of [dialog.getByAltText('photo 1.jpg before'), dialog.getByAltText(/after compression/)]) {
      await expect
        .poll(
          () => img.evaluate((element) => element instanceof HTMLImageElement && element.naturalWidth),
          within,
        )
        .toBe(480)
    }
    expect(await dialog.getByText(/score \d/).textContent()).toMatch(/score 7\d/)
    const slider = dialog.getByRole('slider')
    await slider.focus()
    await page.keyboard.press('ArrowRight')
    expect(await slider.inputValue()).toBe('51')
    await dialog.getByRole('button', { name: 'Zoom in' }).click()
    await dialog.getByText('150%').waitFor()
    await dialog.getByRole('button', { name: 'Next picture' }).click()
    await dialog.getByRole('heading', { name: 'photo 2.jpg' }).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })

    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download all' }).click()
    const stream = await (await downloading).createReadStream()
    const entries = unzip(Buffer.concat(await stream.toArray()))
    const { items } = await fetch(`${ui.url}/v1/batches/${id}/files`).then((answer) => answer.json())
    const outputs = items.map((item: unknown) => fileSchema.parse(item).result?.outputs[0])
    expect(entries.map(({ name }) => name).sort()).toEqual(
      Array.from({ length: 6 }, (_, i) => `photo ${i + 1}.jpg`),
    )
    for (const { name, bytes } of entries) {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      expect(outputs).toContainEqual(expect.objectContaining({ name, bytes: bytes.length, sha256 }))
    }
  })

  test('what cannot be taken is named with the reason while the rest go on', async () => {
    const page = await ui.open('/')
    const good = await landscape({ width: 300, height: 200 })
    await choose(page, [
      jpeg('good.jpg', good),
      jpeg('empty.jpg', Buffer.alloc(0)),
      { name: 'phone.heic', mimeType: 'image/heic', buffer: Buffer.from('\0\0\0\x18ftypheic') },
      jpeg('cut.jpg', good.subarray(0, good.length / 2)),
    ])
    await untilDone(page)
    const refused = page.getByRole('list', { name: 'Files that were left out' })
    expect(await refused.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/empty\.jpg.*The file is empty/),
      expect.stringMatching(/phone\.heic.*HEIC pictures cannot be read/),
    ])
    expect(await row(page, 'cut.jpg').textContent()).toMatch(/Failed.*ends before its content does/)
    expect(await row(page, 'good.jpg').textContent()).toContain('Compressed')
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByRole('button', { name: 'Retry cut.jpg' }).click()
    await expect.poll(async () => await attemptsOf(ui.url, await batchIdOf(page), 'cut.jpg'), within).toBe(2)
    await page.reload()
    await row(page, 'cut.jpg').getByText('Failed').waitFor()
    expect(await refused.getByRole('listitem').count()).toBe(2)
  })

  test('settings reach the files, are there again on the next visit, and say themselves in other words', async () => {
    const page = await ui.open('/')
    await page.getByLabel('Format').selectOption('WebP')
    await page.getByText('Size, metadata, other files').click()
    await page.getByLabel('Width at most').fill('200')
    await page.getByLabel('Height at most').fill('many')
    await page.getByText('A whole number, please.').waitFor()
    await page.reload()
    await untilStarted(page)
    expect(await page.getByLabel('Format').inputValue()).toBe('WebP')
    expect(await page.getByLabel('Width at most').inputValue()).toBe('200')
    await page.getByRole('button', { name: 'Use these settings elsewhere' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('"maxWidth":200').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await dialog.getByText('Kubernetes').click()
    await dialog.getByText('kind: CompressionJob').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await choose(page, [jpeg('wide.jpg', await landscape({ width: 400, height: 200 }))])
    await untilDone(page)
    expect(await row(page, 'wide.jpg').textContent()).toContain('WebP · 200 × 100')
  })

  test('a second tab sees the same batch, and both see it end', async () => {
    const page = await ui.open('/')
    await choose(page, await photographs(5))
    const id = await batchIdOf(page)
    const second = await ui.open(`/batches/${id}`)
    await Promise.all([untilDone(page), untilDone(second)])
    expect(await second.getByTestId('saved').textContent()).toBe(
      await page.getByTestId('saved').textContent(),
    )
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete it' }).click()
    await second.getByText('This batch does not exist any more').waitFor()
  })

  test('where no WebSocket gets through, server-sent events do', async () => {
    const page = await ui.open('/')
    await page.addInitScript(() => {
      class Blocked extends EventTarget {
        onclose: (() => void) | null = null
        constructor() {
          super()
          queueMicrotask(() => this.onclose?.())
        }
        close() {
          this.onclose = null
        }
      }
      Object.assign(window, { WebSocket: Blocked })
    })
    await page.reload()
    await untilStarted(page)
    await choose(page, await photographs(2))
    await untilDone(page)
  })

  test('a large upload that is cut goes on where it was when the file is chosen again', async () => {
    const page = await ui.open('/')
    const path = join(folder, 'large.log')
    await writeFile(path, fixtures.log({ bytes: 70 * 1024 ** 2 }))
    const sent: string[] = []
    await page.route('**/objects/**', (route) => {
      const url = route.request().url()
      const isLate = sent.length >= 2
      if (isLate) return route.abort('connectionreset')
      sent.push(url)
      return route.continue()
    })
    await choose(page, path)
    await batchIdOf(page)
    await row(page, 'large.log').getByText('Waiting for connection').waitFor()
    await page.unroute('**/objects/**')
    page.once('dialog', (dialog) => void dialog.accept())
    const again: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'PUT') again.push(request.url())
    })
    await page.reload()
    await page.getByText('1 file has not been uploaded').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    again.length = 0
    await choose(page, path, 'Choose them again')
    await untilDone(page)
    expect(sent).toHaveLength(2)
    expect(again.length).toBeLessThan(5)
    expect(await row(page, 'large.log').textContent()).toContain('Compressed')
  })

  test('uploads are paused and resumed, and a file that is cancelled is not sent', async () => {
    const page = await ui.open('/')
    let isHeld = true
    const held: (() => void)[] = []
    await page.route('**/objects/**', async (route) => {
      if (isHeld) await new Promise<void>((resolve) => held.push(resolve))
      await route.continue().catch(() => undefined)
    })
    await choose(page, await photographs(3))
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await expect.poll(() => page.getByText('Paused', { exact: true }).count(), within).toBe(3)
    await page.getByRole('button', { name: 'Cancel photo 2.jpg' }).click()
    await row(page, 'photo 2.jpg').getByText('Cancelled').waitFor()
    isHeld = false
    for (const go of held) go()
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    await untilDone(page)
    expect(await page.locator('dt:text-is("Compressed") + dd').textContent()).toBe('2')
  })

  test('a drop of which nothing can be taken says so', async () => {
    const page = await ui.open('/')
    await choose(page, [jpeg('empty.jpg', Buffer.alloc(0))])
    await page.getByRole('heading', { name: 'This file was left out' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
    expect(await accessibilityFaults(page)).toEqual([])
  })
})

describeUi(
  'a service that goes away and comes back',
  (ui) => {
    test('a service that is killed in the middle and started again finds the page waiting, and nothing is lost', async () => {
      const page = await ui.open('/')
      const files = await photographs(12, 700)
      await choose(page, files)
      const id = await batchIdOf(page)
      await row(page, 'photo 1.jpg').getByText('Compressed').waitFor({ timeout: 60_000 })
      await ui.service.kill()
      await page.getByText('The service does not answer').waitFor()
      await ui.restart()
      await untilDone(page, 240_000)
      await page.getByText('The service does not answer').waitFor({ state: 'detached' })
      const batch = await fetch(`${ui.url}/v1/batches/${id}`).then((answer) => answer.json())
      expect(batch).toMatchObject({ state: 'completed', files: { total: 12, completed: 12 } })
      expect(await page.locator('dt:text-is("Compressed") + dd').textContent()).toBe('12')
    }, 300_000)

    test('a service that is away when files are dropped gets them when it is back', async () => {
      const page = await ui.open('/')
      await ui.service.kill()
      await choose(page, await photographs(2))
      await page.getByText('Your files are kept and sent as soon as it does').waitFor()
      await ui.restart()
      await untilDone(page)
    })
  },
  // What it has accepted survives being killed only when it is on the disk.
  { args: ['--durability', 'on'] },
)

async function attemptsOf(url: string, batchId: string, name: string): Promise<number> {
  const answer = await fetch(`${url}/v1/batches/${batchId}/files?name=${encodeURIComponent(name)}`)
  const { items } = await answer.json()
  return fileSchema.parse(items[0]).attempts
}
