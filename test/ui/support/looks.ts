import type { Page } from 'playwright-core'
import { accessibilityFaults } from './axe.ts'

export const themes = ['light', 'dark'] as const
const widths = [1280, 360] as const

/** What keeps people from using the page as it is open now, in both themes and on large screens and small ones. */
export async function faultsInEveryLook(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme })
      const found = await accessibilityFaults(page)
      const tooWide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
      if (tooWide > 0) found.push(`scrolls sideways by ${tooWide} px`)
      faults.push(...found.map((fault) => `${page.url()}, ${width} px wide, ${colorScheme}: ${fault}`))
    }
  }
  return faults
}
