import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { choose, drop, jpeg, untilDone } from './support/files.ts'
import { accessibilityFaults, describeUi, type OpenOptions, untilStarted } from './support/index.ts'

describeUi('the first page before its code is there', (ui) => {
  /** Opens it with the code on its way. Call `arrive` to let it come. */
  async function openEarly(options: OpenOptions = {}): Promise<{ page: Page; arrive: () => Promise<void> }> {
    const page = await ui.open('about:blank', options)
    const arrived = Promise.withResolvers<void>()
    await page.route('**/assets/app-*.js', async (route) => {
      await arrived.promise
      await route.continue()
    })
    await page.goto(`${ui.url}/`, { waitUntil: 'commit' })
    await page.getByRole('heading', { name: 'Drop pictures here' }).waitFor()
    return {
      page,
      async arrive() {
        arrived.resolve()
        await untilStarted(page)
      },
    }
  }

  const photo = async (name: string, seed: number) => jpeg(name, await fixtures.photo({ seed }))

  test('takes files that are dropped and chosen, and the code makes a batch of them', async () => {
    const { page, arrive } = await openEarly()
    // The listeners come with a file of their own, a moment after the picture.
    await expect.poll(() => isDropTaken(page)).toBe(true)
    await drop(page, [await photo('dropped.jpg', 1)])
    const opening = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose files' }).click()
    await (await opening).setFiles([await photo('chosen.jpg', 2)])
    await choose(page, [await photo('set.jpg', 4)])
    await arrive()
    await untilDone(page)
    for (const name of ['dropped.jpg', 'chosen.jpg', 'set.jpg']) {
      expect(await page.getByRole('row').filter({ hasText: name }).textContent()).toContain('Compressed')
    }
  })

  test('takes what is chosen in a window that was opened before and is closed after the code came', async () => {
    const { page, arrive } = await openEarly()
    await expect.poll(() => isDropTaken(page)).toBe(true)
    const opening = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose files' }).click()
    const chooser = await opening
    await arrive()
    await chooser.setFiles([await photo('late.jpg', 3)])
    await untilDone(page)
    expect(await page.getByRole('row').filter({ hasText: 'late.jpg' }).textContent()).toContain('Compressed')
  })

  test.for(
    (['light', 'dark'] as const).flatMap((theme) => [1280, 360].map((width) => [theme, width] as const)),
  )('looks to the pixel as it does with it (%s, %i px)', async ([colorScheme, width]) => {
    const { page, arrive } = await openEarly({ colorScheme, viewport: { width, height: 1400 } })
    // What was compressed before is only known with the code.
    await page.route('**/v1/batches?*', (route) => route.fulfill({ json: { items: [] } }))
    await page.evaluate(() => document.fonts.ready)
    expect(await accessibilityFaults(page)).toEqual([])
    const before = await page.screenshot({ animations: 'disabled' })
    await arrive()
    expect((await page.screenshot({ animations: 'disabled' })).equals(before)).toBe(true)
  })

  test('shows no settings but those of this browser', async () => {
    const { page, arrive } = await openEarly()
    await arrive()
    await page.getByLabel('Format').selectOption('WebP')
    await page.unroute('**/assets/app-*.js')
    const held = Promise.withResolvers<void>()
    await page.route('**/assets/app-*.js', async (route) => {
      await held.promise
      await route.continue()
    })
    await page.reload({ waitUntil: 'commit' })
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    expect(await page.getByLabel('Format').isVisible()).toBe(false)
    held.resolve()
    await untilStarted(page)
    expect(await page.getByLabel('Format').inputValue()).toBe('WebP')
  })
})

function isDropTaken(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['.'], 'photo.jpg'))
    return !document.dispatchEvent(
      new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }),
    )
  })
}
