import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
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
const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Other results than violations, which are not looked at, cost more than these do. */
const options = JSON.stringify({ runOnly, resultTypes: ['violations'] })

const script = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What keeps people from using the page as it is now, one line each. The checks are evaluated, not loaded, so the page
 * keeps its Content-Security-Policy.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  if (await page.evaluate('globalThis.axe === undefined')) await page.evaluate(script)
  const results: unknown = await page.evaluate(`axe.run(${options})`)
  const faults = resultSchema
    .parse(results)
    .violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary = '' }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
    )
  return [...faults, ...(await page.evaluate(smallTargets))]
}

/**
 * What can be pressed and is less than 24 px high or wide, its margins included. axe lets these pass while nothing else is
 * near, which may be for as long as a word beside them happens to be long: `now`, or `12 seconds ago`.
 */
function smallTargets(): string[] {
  const least = 24
  const focusable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
  return [...document.querySelectorAll<HTMLElement>(focusable)].flatMap((element) => {
    // What is hidden is pressed by its label, or by the keyboard alone.
    const target = element.closest('label') ?? element
    const style = getComputedStyle(target)
    const isHidden = target.classList.contains('visually-hidden') || !target.checkVisibility()
    const words = target.innerText.trim()
    const isInSentence = style.display === 'inline' && target.parentElement?.innerText.trim() !== words
    if (isHidden || isInSentence) return []
    const margin = (side: string) => Number.parseFloat(style.getPropertyValue(`margin-${side}`))
    const { width, height } = target.getBoundingClientRect()
    const wide = width + margin('left') + margin('right')
    const high = height + margin('top') + margin('bottom')
    // Layout is in 64ths of a pixel.
    if (wide > least - 0.05 && high > least - 0.05) return []
    return [`target-size: ${wide} x ${high} px is less than ${least}\n  ${target.outerHTML.slice(0, 200)}`]
  })
}
