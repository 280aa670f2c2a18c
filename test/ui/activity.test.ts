import { expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { accessibilityFaults, describeUi, submitBatch } from './support/index.ts'

describeUi('the activity page', (ui) => {
  test('says so when nothing has happened', async () => {
    const page = await ui.open('/activity')
    await page.getByRole('heading', { name: 'Nothing happened in the last hour' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  test('counts what is done, saved and failed while somebody looks', async () => {
    const page = await ui.open('/activity?window=15m')
    await page.getByRole('heading', { name: /Nothing happened/ }).waitFor()
    const photo = await fixtures.photo()
    await submitBatch(ui.url, {
      files: {
        'a.jpg': photo,
        'b.jpg': await fixtures.photo({ seed: 2 }),
        'cut.jpg': fixtures.truncated(photo),
      },
    })
    const figure = (name: string) => page.locator('.activity-figure').filter({ hasText: name }).locator('dd')
    await expect.poll(() => figure('Files done').textContent()).toMatch(/^2/)
    await expect.poll(() => figure('Failed').textContent()).toMatch(/^1/)
    await expect.poll(() => figure('Saved').textContent()).toMatch(/kB/)
    expect(await page.getByRole('img').count()).toBe(5)
    await page.getByRole('img', { name: /Error rate over the last 15 minutes: 33.3% in all/ }).waitFor()
  })

  test('draws with the colours of the theme that is shown', async () => {
    const page = await ui.open('/activity')
    await page.getByRole('img', { name: /Files a minute/ }).waitFor()
    const ink = () =>
      page.evaluate(`(() => {
        const canvas = document.querySelector('.chart canvas')
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
        let sum = 0, count = 0
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) { sum += data[i] + data[i + 1] + data[i + 2]; count++ }
        return sum / count
      })()`)
    await expect.poll(ink).toBeGreaterThan(0)
    const light = Number(await ink())
    await page.getByRole('button', { name: 'Theme: like the system' }).click()
    await page.getByRole('button', { name: 'Theme: light' }).click()
    await expect.poll(async () => Math.abs(Number(await ink()) - light)).toBeGreaterThan(10)
  })

  test('looks back as far as one chooses, with the keyboard alone', async () => {
    const page = await ui.open('/activity')
    await page.getByRole('radio', { name: '1 h', exact: true }).focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForURL('**/activity?window=6h')
    await page.getByRole('img', { name: /Files a minute over the last 6 hours/ }).waitFor()
  })
})
