import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { describeUi, seedActivity, submitBatch, waitUntilDone } from './support/index.ts'

/*
 * The pictures of the documentation, of what is looked after here: `npm run screenshots` writes them to docs/images.
 * Without that the test only sees that they can be made, because no picture is ever the same twice.
 */

const folder = process.env.KOMPRESSOR_SCREENSHOTS

describeUi(
  'screenshots',
  (ui) => {
    beforeAll(async () => {
      const photo = (seed: number) => fixtures.photo({ width: 480, height: 320, seed })
      const photos = async (names: readonly string[]) =>
        Object.fromEntries(
          await Promise.all(names.map(async (name, i) => [name, await photo(i + 1)] as const)),
        )
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
      const ids: string[] = []
      for (const batch of batches) ids.push(await submitBatch(ui.url, batch))
      for (const id of ids) await waitUntilDone(ui.url, id)
    })

    test.for([
      ['batches', '/batches', 'Team offsite, Lisbon', 580],
      ['activity', '/activity?window=1h', 'Throughput', 872],
      ['failed', '/failed?code=truncated_input', 'page-003.jpg', 680],
    ] as const)('show %s in light and dark', async ([name, path, text, height]) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await ui.open(path, { colorScheme, viewport: { width: 1280, height } })
        await page.getByText(text).first().waitFor()
        await page.evaluate('document.fonts.ready')
        const picture = await page.screenshot({ type: 'png' })
        const { channels } = await sharp(picture).stats()
        // Something is on it.
        expect(Math.max(...channels.map(({ stdev }) => stdev))).toBeGreaterThan(5)
        if (folder === undefined) continue
        await mkdir(folder, { recursive: true })
        await writeFile(
          join(folder, `${name}-${colorScheme}.png`),
          await sharp(picture).png({ palette: true, effort: 10 }).toBuffer(),
        )
      }
    })
  },
  { prepare: seedActivity },
)
