import { expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { accessibilityFaults, describeUi, submitBatch, waitUntilDone } from './support/index.ts'

const text = (words: string) => ({ [`${words.replaceAll(' ', '-')}.txt`]: Buffer.from(words.repeat(200)) })

describeUi('the batches page', (ui) => {
  test('says what to do as long as there is nothing', async () => {
    const page = await ui.open('/batches')
    await page.getByRole('heading', { name: 'No batches yet' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('main').getByRole('link', { name: 'Compress files' }).last().click()
    await page.waitForURL(`${ui.url}/`)
  })

  test('shows batches as they come and finish, without a reload', async () => {
    const page = await ui.open('/batches')
    await page.getByRole('heading', { name: 'No batches yet' }).waitFor()
    const id = await submitBatch(ui.url, { name: 'Holiday', files: { 'a.jpg': await fixtures.photo() } })
    const row = page.getByRole('row').filter({ hasText: 'Holiday' })
    await row.waitFor()
    await waitUntilDone(ui.url, id)
    await row.getByText('Done').waitFor()
    await row.getByText('1 file', { exact: true }).waitFor()
    await row.getByText('%').waitFor()
  })

  test('finds by name, state and tags, keeps that in the address, and leads back to all', async () => {
    const done = await submitBatch(ui.url, { name: 'North', tags: { shop: 'a' }, files: text('north') })
    await waitUntilDone(ui.url, done)
    await submitBatch(ui.url, { name: 'South', tags: { shop: 'b' }, files: text('south'), open: true })
    const page = await ui.open('/batches')
    const names = () => page.locator('.batches-name').allTextContents()
    await page.getByRole('link', { name: 'South' }).waitFor()
    await page.getByLabel('Search batches').fill('NORT')
    await expect.poll(names).toEqual(['North'])
    await page.reload()
    await expect.poll(names).toEqual(['North'])
    expect(await page.getByLabel('Search batches').inputValue()).toBe('NORT')
    await page.getByLabel('State').selectOption('Cancelled')
    await page.getByRole('heading', { name: 'No batch matches' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Show all batches' }).click()
    await page.getByRole('link', { name: 'South' }).waitFor()
    expect(await page.getByLabel('Search batches').inputValue()).toBe('')
    await page.getByRole('button', { name: 'shop:b' }).click()
    await expect.poll(names).toEqual(['South'])
    await page.getByRole('button', { name: 'Do not filter by shop:b' }).click()
    await page.getByLabel('Filter by tag').fill('nonsense')
    await page.keyboard.press('Enter')
    await page.getByText('Write it as key:value').waitFor()
    await page.getByLabel('Filter by tag').fill('shop:a')
    await page.keyboard.press('Enter')
    await expect.poll(names).toEqual(['North'])
  })

  test('deletes a batch when that was confirmed, and nothing when it was not', async () => {
    await submitBatch(ui.url, { name: 'Unwanted', files: text('unwanted') })
    const page = await ui.open('/batches?search=Unwanted')
    const open = () => page.getByRole('button', { name: 'Delete Unwanted' }).click()
    await open()
    const dialog = page.getByRole('dialog', { name: 'Delete Unwanted?' })
    await dialog.waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await open()
    await dialog.getByRole('button', { name: 'Delete batch' }).click()
    await page.getByText('Unwanted is deleted.').waitFor()
    await page.getByRole('heading', { name: 'No batch matches' }).waitFor()
    const left = await (await fetch(`${ui.url}/v1/batches?search=Unwanted`)).json()
    expect(left).toEqual({ items: [] })
  })

  test('goes on where it was when the service comes back', async () => {
    const page = await ui.open('/batches')
    await page.getByRole('link', { name: 'North' }).waitFor()
    await ui.service.kill()
    await page.getByText('The service does not answer.').waitFor()
    // What was there stays there.
    expect(await page.getByRole('link', { name: 'North' }).isVisible()).toBe(true)
    await ui.restart()
    await submitBatch(ui.url, { name: 'Afterwards', files: text('afterwards') })
    await page.getByRole('link', { name: 'Afterwards' }).waitFor()
    await page.getByText('The service does not answer.').waitFor({ state: 'hidden' })
  })

  test('loads more when the end comes near, on a small screen, in dark, for everybody', async () => {
    for (let i = 0; i < 60; i++) await submitBatch(ui.url, { name: `Batch ${i}`, files: {} })
    const page = await ui.open('/batches', { colorScheme: 'dark', viewport: { width: 360, height: 640 } })
    await page.getByRole('link', { name: 'Batch 59' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await expect
      .poll(async () => {
        await page.keyboard.press('End')
        return page.getByRole('link', { name: 'Holiday' }).count()
      })
      .toBe(1)
  })
})
