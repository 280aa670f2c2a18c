import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { batchIdOf, choose, jpeg, untilDone } from './support/files.ts'
import { describeUi, seedActivity, submitBatch, themes, waitUntilDone } from './support/index.ts'
import { landscape } from './support/landscapes.ts'

/*
 * The pictures of the documentation, of the pages as they are: `npm run screenshots` writes them to docs/images. Without
 * that the test only sees that they are not empty, because no picture is ever the same twice.
 */

const names = ['harbour', 'alps at noon', 'fjord', 'last light', 'lagoon', 'canyon', 'ridge', 'moor']
const width = 1280

describeUi(
  'pictures of the pages',
  (ui) => {
    const { KOMPRESSOR_SCREENSHOTS: folder } = process.env
    beforeAll(async () => {
      if (folder !== undefined) await mkdir(folder, { recursive: true })
      await submitSome(ui.url)
    })

    /** The page as it is, in both themes. */
    async function shoot(page: Page, name: string, height: number): Promise<void> {
      await page.setViewportSize({ width, height })
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme })
        // Words and pictures are there, and nothing moves any more.
        await page.evaluate(() => document.fonts.ready)
        await page.waitForLoadState('networkidle')
        const shot = await page.screenshot({ animations: 'disabled' })
        const { channels } = await sharp(shot).stats()
        // Something is on it.
        expect(Math.max(...channels.map(({ stdev }) => stdev))).toBeGreaterThan(5)
        if (folder === undefined) continue
        await sharp(shot)
          .webp({ quality: 92, smartSubsample: true, effort: 6 })
          .toFile(path.join(folder, `${name}-${colorScheme}.webp`))
      }
    }

    test.for([
      ['batches', '/batches', 'Team offsite, Lisbon', 580],
      ['activity', '/activity?window=1h', 'Throughput', 872],
      ['failed', '/failed?code=truncated_input', 'page-003.jpg', 680],
    ] as const)('of %s', async ([name, address, text, height]) => {
      const page = await ui.open(address)
      await page.getByText(text).first().waitFor()
      await shoot(page, name, height)
    })

    test('from dropping to comparing', async () => {
      const page = await ui.open('/')
      await page.getByRole('heading', { name: 'Lately' }).waitFor()
      await shoot(page, 'compress', 900)

      const photographs = await Promise.all(
        names.map(async (name, i) =>
          jpeg(`${name}.jpg`, await landscape({ seed: i, width: 1500, height: 1000 })),
        ),
      )
      await choose(page, [
        ...photographs,
        jpeg('small already.jpg', await landscape({ seed: 9, width: 600, height: 400, quality: 35 })),
        jpeg('cut off.jpg', (await landscape({ seed: 3, width: 600, height: 400 })).subarray(0, 9000)),
        { name: 'visits.csv', mimeType: 'text/csv', buffer: fixtures.csv({ bytes: 400_000 }) },
      ])
      await batchIdOf(page)
      await untilDone(page)
      await expect.poll(() => page.locator('.thumbnail').count(), { timeout: 30_000 }).toBeGreaterThan(5)
      await shoot(page, 'result', 860)

      await page.getByRole('button', { name: /harbour\.jpg/ }).click()
      const before = page.getByAltText('harbour.jpg before')
      await expect
        .poll(() => before.evaluate((img) => img instanceof HTMLImageElement && img.naturalWidth), {
          timeout: 30_000,
        })
        .toBe(1500)
      await shoot(page, 'compare', 860)
    })
  },
  { prepare: seedActivity },
)

/** Batches as people make them. */
async function submitSome(url: string): Promise<void> {
  const photo = (seed: number) => fixtures.photo({ width: 480, height: 320, seed })
  const photos = async (names: readonly string[]) =>
    Object.fromEntries(await Promise.all(names.map(async (name, i) => [name, await photo(i + 1)] as const)))
  const cut = fixtures.truncated(await photo(3))
  const batches = [
    {
      name: 'Product shots, spring',
      tags: { shop: 'north' },
      files: await photos(['chair.jpg', 'lamp.jpg', 'table.jpg']),
    },
    {
      name: 'Server logs, week 47',
      tags: { team: 'platform' },
      files: {
        'api.log': fixtures.log({ bytes: 200_000 }),
        'export.csv': fixtures.csv({ bytes: 120_000 }),
      },
    },
    {
      name: 'Scans from the archive',
      files: {
        'page-001.jpg': cut,
        'page-002.jpg': await photo(4),
        'page-003.jpg': cut,
        'cover.png': fixtures.corrupt(await fixtures.graphic()),
      },
    },
    {
      name: 'Team offsite, Lisbon',
      tags: { shop: 'south', album: '2026' },
      files: await photos(['beach.jpg', 'dinner.jpg', 'harbour.jpg', 'tram.jpg']),
    },
  ]
  for (const batch of batches) await waitUntilDone(url, await submitBatch(url, batch))
}
