import { expect, test } from 'vitest'
import { z } from 'zod'
import { fixtures } from '../fixtures/index.ts'
import { accessibilityFaults, describeUi, submitBatch, waitUntilDone } from './support/index.ts'

const filesSchema = z.object({ items: z.array(z.object({ name: z.string(), attempts: z.number() })) })

describeUi('the failed page', (ui) => {
  /** Attempts by name, of files that are failed now. */
  async function attempts(code: string): Promise<Record<string, number>> {
    const { items } = filesSchema.parse(await (await fetch(`${ui.url}/v1/failures/${code}/files`)).json())
    return Object.fromEntries(items.map(({ name, attempts }) => [name, attempts]))
  }

  test('is content as long as nothing has failed', async () => {
    const page = await ui.open('/failed')
    await page.getByRole('heading', { name: 'Nothing has failed' }).waitFor()
    expect(await page.getByRole('button', { name: /Retry/ }).count()).toBe(0)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  test('groups by cause, says what to do, and unfolds to the files with every attempt', async () => {
    const page = await ui.open('/failed')
    await page.getByRole('heading', { name: 'Nothing has failed' }).waitFor()
    const photo = await fixtures.photo()
    const id = await submitBatch(ui.url, {
      name: 'Scans',
      files: {
        'one.jpg': fixtures.truncated(photo),
        'two.jpg': fixtures.truncated(photo),
        'three.jpg': fixtures.truncated(photo),
        'cover.png': fixtures.corrupt(await fixtures.graphic()),
        'fine.jpg': photo,
      },
    })
    await waitUntilDone(ui.url, id)
    const cause = page.getByRole('button', { name: 'The file ends before its content does', exact: true })
    await cause.click()
    await page.waitForURL('**/failed?code=truncated_input')
    await page.getByText('Upload the whole file again.').waitFor()
    await page.getByText('3 files', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'History of two.jpg' }).click()
    const history = page.getByRole('list', { name: 'Attempts at two.jpg' })
    await history.getByText('Attempt 1 failed').waitFor()
    await history.getByText('worker standalone').waitFor()
    expect(await history.getByRole('listitem').count()).toBe(2)
    const batch = page.getByRole('link', { name: 'The batch of two.jpg' })
    expect(await batch.getAttribute('href')).toBe(`/batches/${id}`)
  })

  test('tries one again, the chosen ones, a cause, and all', async () => {
    const page = await ui.open('/failed?code=truncated_input')
    await page.getByRole('button', { name: 'Retry one.jpg' }).click()
    await page.getByText('1 file is queued again.').waitFor()
    await expect
      .poll(() => attempts('truncated_input'))
      .toEqual({ 'one.jpg': 2, 'two.jpg': 1, 'three.jpg': 1 })

    const retryChosen = page.getByRole('button', { name: 'Retry selected' })
    expect(await retryChosen.isDisabled()).toBe(true)
    await page.getByRole('checkbox', { name: 'Select two.jpg' }).check()
    await page.getByRole('checkbox', { name: 'Select three.jpg' }).check()
    await retryChosen.click()
    await page.getByText('2 files are queued again.').waitFor()
    await expect
      .poll(() => attempts('truncated_input'))
      .toEqual({ 'one.jpg': 2, 'two.jpg': 2, 'three.jpg': 2 })
    // The list shows it without a reload, and its history has grown.
    await page.getByRole('button', { name: 'History of one.jpg' }).click()
    await page.getByRole('list', { name: 'Attempts at one.jpg' }).getByText('Attempt 2 failed').waitFor()

    await page
      .getByRole('button', { name: 'Retry 3 files of the cause: The file ends before its content does' })
      .click()
    await expect
      .poll(() => attempts('truncated_input'))
      .toEqual({ 'one.jpg': 3, 'two.jpg': 3, 'three.jpg': 3 })
    const corrupt = Object.keys(await attempts('corrupt_input'))
    expect(corrupt).toEqual(['cover.png'])
    await page.getByRole('button', { name: 'Retry all 4' }).click()
    await page.getByText('4 files are queued again.').waitFor()
    await expect.poll(() => attempts('corrupt_input')).toEqual({ 'cover.png': 2 })
  })

  test('keeps what was chosen when a retry cannot be sent, and says why', async () => {
    const page = await ui.open('/failed?code=truncated_input')
    const box = page.getByRole('checkbox', { name: 'Select two.jpg' })
    await box.check()
    await ui.service.kill()
    await page.getByRole('button', { name: 'Retry selected' }).click()
    await page.getByText('Nothing was queued again. The service cannot be reached.').waitFor()
    expect(await box.isChecked()).toBe(true)
    await ui.restart()
    await page.getByRole('button', { name: 'Retry selected' }).click()
    await page.getByText('1 file is queued again.').waitFor()
  })
})
