import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { accessibilityFaults, describeUi, faultsInEveryLook, seedJobs, themes } from './support/index.ts'

/** `KOMPRESSOR_SCREENSHOTS=FOLDER` keeps what the pages look like. */
const folder = process.env.KOMPRESSOR_SCREENSHOTS
const shots: Record<string, { name: string; height: number }> = {
  '/jobs': { name: 'jobs', height: 640 },
  '/jobs/shop/uploads': { name: 'job', height: 1180 },
}

describeUi(
  'the pages of jobs',
  (ui) => {
    test.for([
      ['the list', '/jobs', 'archive-of-everything'],
      ['one that scales', '/jobs/shop/uploads', 'by partition'],
      ['one that fails', '/jobs/press/scans', 'corrupt_input'],
      ['an estimate', '/jobs/shop/foreseen', 'Best examples'],
    ] as const)(
      'can be used by everybody, in both themes, on large screens and small ones: %s',
      async ([, path, text]) => {
        const page = await ui.open(path)
        await page.getByText(text).first().waitFor()
        if (path === '/jobs/shop/uploads') {
          await page.getByRole('img', { name: /^Workers over time/ }).waitFor()
          await page.locator('summary').first().click()
        }
        expect(await faultsInEveryLook(page)).toEqual([])
        const shot = shots[path]
        if (folder !== undefined && shot !== undefined) await shoot(page, folder, shot)
      },
    )

    test('a job of mode Estimate shows what would be saved, with the best and the worst', async () => {
      const page = await ui.open('/jobs/shop/foreseen')
      await page.getByText('43.0% – 48.0%').first().waitFor()
      const types = page.getByRole('table', { name: 'By type' })
      expect(await types.getByRole('row', { name: 'JPEG' }).textContent()).toContain('45.0%')
      expect(await page.getByRole('table', { name: 'By folder' }).getByRole('row').count()).toBe(3)
      const best = page.getByRole('region', { name: 'Best examples' })
      expect(await best.textContent()).toContain('4.1 MB → 900 kB')
      const worst = page.getByRole('region', { name: 'Worst examples' })
      expect(await worst.textContent()).toContain('already compressed')
    })

    test('the list says how far each job is and what is wrong with it, and leads to its page', async () => {
      const page = await ui.open('/jobs')
      const rows = page.getByRole('list', { name: 'Jobs' }).getByRole('listitem')
      await expect.poll(() => rows.count()).toBe(5)
      await rows.filter({ hasText: 'archive' }).getByText('Broker unavailable').waitFor()
      await rows.filter({ hasText: 'scans' }).getByText('12 failed').waitFor()
      await rows
        .filter({ hasText: 'scans' })
        .getByText(/^seen 1 hour ago/)
        .waitFor()
      const photos = rows.filter({ hasText: 'photos' })
      await photos.getByText('Complete').waitFor()
      expect(await photos.textContent()).toContain('41.7%')
      await page.getByRole('searchbox', { name: 'Search jobs' }).fill('press/')
      await expect.poll(() => rows.count()).toBe(2)
      await page.waitForURL('**/jobs?search=press%2F')
      await page.getByRole('searchbox', { name: 'Search jobs' }).fill('nothing')
      await page.getByRole('button', { name: 'Show all jobs' }).click()
      await expect.poll(() => page.getByRole('searchbox', { name: 'Search jobs' }).inputValue()).toBe('')
      await rows.filter({ hasText: 'shop · takes uploads' }).click()
      await page.waitForURL('**/jobs/shop/uploads')
      await page.getByRole('heading', { level: 1, name: /uploads/ }).waitFor()
    })

    test('the search field says what is in the address, and keeps what somebody types in the meantime', async () => {
      const page = await ui.open('/jobs?search=press')
      const field = page.getByRole('searchbox', { name: 'Search jobs' })
      expect(await field.inputValue()).toBe('press')
      await field.fill('  photos ')
      await page.waitForURL('**/jobs?search=photos')
      expect(await field.inputValue()).toBe('  photos ')
      await field.pressSequentially('x', { delay: 10 })
      await page.getByRole('link', { name: 'Jobs' }).click()
      await page.waitForURL(`${ui.url}/jobs`)
      await expect.poll(() => field.inputValue()).toBe('')
      await page.getByRole('list', { name: 'Jobs' }).getByText('scans').waitFor()
    })

    test('a job page shows lag, workers, why, and the terms of each decision', async () => {
      const page = await ui.open('/jobs/shop/uploads')
      await page.getByRole('img', { name: /^Slots over time: the work needs/ }).waitFor()
      await page.getByRole('img', { name: /^Work waiting over time/ }).waitFor()
      expect(
        await page.getByRole('list', { name: 'Lag of each partition' }).getByRole('listitem').count(),
      ).toBe(24)
      await page.getByText('raise spec.partitions to go faster').waitFor()
      const decisions = page.locator('.job-decisions')
      const up = decisions
        .locator('details')
        .filter({ hasText: /Up from/ })
        .first()
      if ((await up.count()) === 0) await decisions.getByRole('button', { name: /^Show all/ }).click()
      await up.locator('summary').focus()
      await page.keyboard.press('Enter')
      const terms = await up.locator('dl').textContent()
      for (const term of ['Work', 'Arrival', 'Need', 'Slots', 'Records', 'Max replicas'])
        expect(terms).toContain(term)
    })

    test('what the operator has not looked at for long is marked as old, and a broken job says what is wrong', async () => {
      const page = await ui.open('/jobs/press/scans')
      await page.getByText('The operator has not looked at this job for a while').waitFor()
      await page.getByText('Kafka does not say what waits').waitFor()
      await page.getByText('kompressor job retry scans -n press').waitFor()
      await page.goto('/jobs/press/archive-of-everything-since-1998')
      await page.getByRole('alert').getByText('kafka.press:9092 does not answer').waitFor()
      await page.goto('/jobs/press/nothing')
      await page.getByRole('heading', { name: 'There is no job press/nothing' }).waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
    })
  },
  { prepare: seedJobs },
)

describeUi('the list of jobs without a cluster', (ui) => {
  test.for(themes)(
    'explains how the first one comes there, with the manifest to copy (%s)',
    async (colorScheme) => {
      const page = await ui.open('/jobs', { colorScheme, viewport: { width: 360, height: 740 } })
      await page.getByRole('heading', { name: 'No CompressionJobs yet' }).waitFor()
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.getByRole('button', { name: 'Copy the manifest' }).click()
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).toContain('kind: CompressionJob')
      expect(await accessibilityFaults(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    },
  )
})

/** The page as it is, in both themes. */
async function shoot(
  page: Page,
  folder: string,
  { name, height }: { name: string; height: number },
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await page.setViewportSize({ width: 1280, height })
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme })
    await page.evaluate('scrollTo(0, 0)')
    const picture = sharp(await page.screenshot({ type: 'png' }))
    await writeFile(
      join(folder, `${name}-${colorScheme}.png`),
      await picture.png({ palette: true, effort: 10 }).toBuffer(),
    )
  }
}
