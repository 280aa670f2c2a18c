import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { z } from 'zod'

const resultSchema = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      help: z.string(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
    }),
  ),
})

/** WCAG 2.2, A and AA. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/**
 * What keeps people from using the page as it is now, one line each. The checks are evaluated, not loaded, so the page
 * keeps its Content-Security-Policy.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const results: unknown = await page.evaluate(`axe.run(${JSON.stringify({ runOnly: tags })})`)
  return resultSchema
    .parse(results)
    .violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary = '' }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
    )
}
