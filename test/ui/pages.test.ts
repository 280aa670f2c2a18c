import { expect, test } from 'vitest'
import { accessibilityFaults, describeUi } from './support/index.ts'

describeUi('every page', (ui) => {
  const paths = ['/', '/batches', '/activity', '/failed', '/nowhere']
  const themes = ['light', 'dark'] as const
  test.for(paths.flatMap((path) => themes.map((theme) => [path, theme] as const)))(
    '%s can be used by everybody (%s)',
    async ([path, colorScheme]) => {
      const page = await ui.open(path, { colorScheme })
      await page
        .getByRole('heading', { level: 1 })
        .or(page.getByRole('heading', { level: 2 }))
        .first()
        .waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
    },
  )
})
