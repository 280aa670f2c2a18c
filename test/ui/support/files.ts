import type { Page } from 'playwright-core'

export interface PageFile {
  name: string
  mimeType: string
  buffer: Buffer
}

export function jpeg(name: string, buffer: Buffer): PageFile {
  return { name, mimeType: 'image/jpeg', buffer }
}

/** Chooses files, or one of the disk, as somebody does in the system's window. */
export async function choose(
  page: Page,
  files: readonly PageFile[] | string,
  label = 'Choose files',
): Promise<void> {
  await page
    .getByLabel(label, { exact: true })
    .and(page.locator('input'))
    .setInputFiles(typeof files === 'string' ? files : [...files])
}

/** Drops files onto the window. */
export async function drop(page: Page, files: readonly PageFile[]): Promise<void> {
  const given = files.map(({ name, mimeType, buffer }) => ({
    name,
    mimeType,
    base64: buffer.toString('base64'),
  }))
  const transfer = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer()
    for (const { name, mimeType, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      transfer.items.add(new File([bytes], name, { type: mimeType }))
    }
    return transfer
  }, given)
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent('body', type, { dataTransfer: transfer })
  }
}

/** The id of the batch whose page this is. Waits until it is one. */
export async function batchIdOf(page: Page): Promise<string> {
  await page.waitForURL(/\/batches\/[\w-]+$/)
  return new URL(page.url()).pathname.slice('/batches/'.length)
}

/** Waits until every file of the batch on this page has ended. */
export async function untilDone(page: Page, timeout = 90_000): Promise<void> {
  await page.getByText(/^Done/).waitFor({ timeout })
}
