import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { batchIdOf, choose, jpeg, untilDone } from './support/files.ts'
import { describeUi } from './support/index.ts'
import { landscape } from './support/landscapes.ts'

/* The pictures of the README, of the pages as they are. `npm run screenshots` writes them to docs/images. */

const names = ['harbour', 'alps at noon', 'fjord', 'last light', 'lagoon', 'canyon', 'ridge', 'moor']

describeUi('pictures of the pages', (ui) => {
  let folder = ''
  let isKept = false
  beforeAll(async () => {
    const { KOMPRESSOR_SCREENSHOTS: wanted } = process.env
    isKept = wanted !== undefined
    folder = wanted ?? (await mkdtemp(path.join(tmpdir(), 'kompressor-screenshots-')))
    await mkdir(folder, { recursive: true })
  })
  afterAll(async () => {
    if (!isKept) await rm(folder, { recursive: true, force: true })
  })

  test.for(['light', 'dark'] as const)('%s', async (colorScheme) => {
    const viewport = { width: 1280, height: 860 }
    const page = await ui.open('/', { colorScheme, viewport })
    const shoot = async (name: string) => {
      // Words and pictures are there, and nothing moves any more.
      await page.evaluate(() => document.fonts.ready)
      await page.waitForLoadState('networkidle')
      const file = path.join(folder, `${name}-${colorScheme}.webp`)
      const shot = await page.screenshot({ animations: 'disabled' })
      await sharp(shot).webp({ quality: 92, smartSubsample: true, effort: 6 }).toFile(file)
      expect((await stat(file)).size).toBeGreaterThan(10_000)
    }
    await page.getByRole('heading', { level: 1 }).waitFor()
    await shoot('compress')

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
    await shoot('result')

    await page.getByRole('button', { name: /^harbour\.jpg/ }).click()
    const before = page.getByAltText('harbour.jpg before')
    await expect
      .poll(() => before.evaluate((img) => img instanceof HTMLImageElement && img.naturalWidth), {
        timeout: 30_000,
      })
      .toBe(1500)
    await shoot('compare')
  })
})
