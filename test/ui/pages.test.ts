import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { describeUi, faultsInEveryLook, submitBatch, untilStarted, waitUntilDone } from './support/index.ts'

describeUi('every page', (ui) => {
  let batchId = ''
  beforeAll(async () => {
    const photo = await fixtures.photo()
    const files = {
      'photo.jpg': photo,
      'other.jpg': await fixtures.photo({ seed: 2 }),
      'noise.bin': fixtures.incompressible({ bytes: 20_000 }),
      'cut.jpg': fixtures.truncated(photo),
    }
    batchId = await submitBatch(ui.url, { name: 'Garden', tags: { album: 'north' }, files })
    await waitUntilDone(ui.url, batchId)
  })

  /** What there is to see, each with how to get there. */
  const sights: Record<string, (page: Page) => Promise<void>> = {
    compress: async (page) => {
      await page.goto('/')
      await untilStarted(page)
      await page.getByText('Target', { exact: true }).click()
      await page.getByText('Size, metadata, other files').click()
      await page.getByRole('link', { name: /Garden/ }).waitFor()
    },
    batches: async (page) => {
      await page.goto('/batches')
      await page.getByRole('link', { name: 'Garden' }).waitFor()
    },
    'batches by state and tag': async (page) => {
      await page.goto('/batches?state=completed&tags=["album:north"]')
      await page.getByRole('button', { name: 'Do not filter by album:north' }).waitFor()
      await page.getByRole('link', { name: 'Garden' }).waitFor()
    },
    result: async (page) => {
      await page.goto(`/batches/${batchId}`)
      await page.getByRole('heading', { name: 'Garden' }).waitFor()
      await page.getByText('Done, 1 failed').waitFor()
      await expect.poll(() => page.locator('.thumbnail').count()).toBeGreaterThan(1)
    },
    compare: async (page) => {
      await page.goto(`/batches/${batchId}`)
      await page.getByRole('button', { name: /photo\.jpg/ }).click()
      await page.getByRole('slider').waitFor()
    },
    'deleting a batch': async (page) => {
      await page.goto(`/batches/${batchId}`)
      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('dialog').waitFor()
    },
    activity: async (page) => {
      await page.goto('/activity')
      await page.getByRole('button', { name: 'Show the numbers' }).click()
      await page.getByRole('table', { name: 'Activity in steps of 30' }).waitFor()
    },
    failed: async (page) => {
      await page.goto('/failed?code=truncated_input')
      await page.getByRole('checkbox', { name: 'Select cut.jpg' }).check()
      await page.getByRole('button', { name: 'History of cut.jpg' }).click()
      await page.getByRole('list', { name: 'Attempts at cut.jpg' }).waitFor()
    },
    nothing: async (page) => {
      await page.goto('/nowhere')
      await page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    },
    'a batch that is gone': async (page) => {
      await page.goto('/batches/01a00000-0000-7000-8000-000000000000')
      await page.getByRole('heading', { name: 'This batch does not exist any more' }).waitFor()
    },
  }

  test('can be used by everybody, in both themes, on large screens and small ones', async () => {
    const page = await ui.open('about:blank')
    const faults: string[] = []
    for (const [name, show] of Object.entries(sights)) {
      await page.setViewportSize({ width: 1280, height: 800 })
      await show(page)
      faults.push(...(await faultsInEveryLook(page)).map((fault) => `${name}: ${fault}`))
    }
    expect(faults).toEqual([])
  })

  test('of a batch says which it is, and leads to others with its tag', async () => {
    const page = await ui.open(`/batches/${batchId}`)
    await page.getByRole('heading', { name: 'Garden', level: 1 }).waitFor()
    expect(await page.title()).toBe('Garden · Kompressor')
    await page.getByRole('link', { name: 'album:north' }).click()
    await page.getByRole('button', { name: 'Do not filter by album:north' }).waitFor()
    await page.getByRole('link', { name: 'Garden' }).waitFor()
  })
})
