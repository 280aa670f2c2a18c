import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page, Route } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { mountSmallDisk } from '../faults/small-disk.ts'
import { fixtures } from '../fixtures/index.ts'
import { choose, jpeg, type PageFile, untilDone } from './support/files.ts'
import { accessibilityFaults, describeUi } from './support/index.ts'

const disk = await mountSmallDisk(24)
afterAll(() => disk?.remove())

const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })
const log = (name: string, bytes: number): PageFile => ({
  name,
  mimeType: 'text/plain',
  buffer: fixtures.log({ bytes }),
})

describeUi(
  'what is refused',
  (ui) => {
    test('the service may refuse a file that is too large: it is named with the limit, and the others are taken', async () => {
      const page = await ui.open('/')
      await choose(page, [jpeg('small.jpg', await fixtures.photo()), log('big.log', 4_500_000)])
      await untilDone(page)
      await page.getByText(/larger than the service takes.*the limit is 4000000/).waitFor()
      expect(await row(page, 'small.jpg').textContent()).toContain('Compressed')
    })

    test.skipIf(disk === undefined)(
      'the store may have no room: that is said, and what was dropped is sent when it has some',
      async () => {
        const page = await ui.open('/')
        await disk?.fill(400_000)
        await choose(page, [log('small.log', 20_000), log('large.log', 3_000_000)])
        await page.getByText('1 file could not be sent.').waitFor()
        await page
          .getByRole('alert')
          .getByText(/The store has no space left\. Free some of it/)
          .waitFor()
        await row(page, 'large.log').getByText('Upload failed').waitFor()
        expect(await accessibilityFaults(page)).toEqual([])
        await disk?.drain()
        await page.getByRole('button', { name: 'Send it again' }).click()
        await untilDone(page)
        expect(await page.getByText('Compressed', { exact: true }).count()).toBeGreaterThanOrEqual(2)
      },
    )

    /** The real store refuses it, as it does with one that is too old. */
    const forge = async (route: Route) => {
      const url = new URL(route.request().url())
      url.searchParams.set('signature', 'forged')
      await route.continue({ url: url.href })
    }

    test('the store may refuse a signed URL: another is asked for', async () => {
      const page = await ui.open('/')
      const refused: number[] = []
      page.on('response', (response) => {
        if (response.request().method() === 'PUT') refused.push(response.status())
      })
      await page.route('**/objects/**', forge, { times: 2 })
      await choose(page, [
        jpeg('a.jpg', await fixtures.photo()),
        jpeg('b.jpg', await fixtures.photo({ seed: 2 })),
      ])
      await untilDone(page)
      expect(refused.sort()).toEqual([200, 200, 403, 403])
    })

    test('the store may refuse all of them: the files stay in the list with the reason, to be sent again', async () => {
      const page = await ui.open('/')
      await page.route('**/objects/**', forge)
      await choose(page, [log('one.log', 5000), log('two.log', 5000)])
      await page.getByText('2 files could not be sent.').waitFor()
      await page
        .getByRole('alert')
        .getByText(/The signed URL is not valid\. Send it again/)
        .waitFor()
      for (const name of ['one.log', 'two.log']) await row(page, name).getByText('Upload failed').waitFor()
      await page.unroute('**/objects/**')
      await page.getByRole('button', { name: 'Upload one.log again' }).click()
      await page.getByText('1 file could not be sent.').waitFor()
      await page.getByRole('button', { name: 'Send it again' }).click()
      await untilDone(page)
    })

    /** What a proxy says that lets only those through who have signed in. */
    const signedOut = (route: Route) =>
      route.fulfill({ status: 401, contentType: 'text/html', body: '<h1>Who are you?</h1>' })

    test('a proxy may know nobody any more: files are kept until it does', async () => {
      const page = await ui.open('/')
      await page.route('**/v1/batches', signedOut)
      await choose(page, [log('kept.log', 5000)])
      await page
        .getByRole('alert')
        .getByText(/not signed in any more.*in another tab/)
        .waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      await page.unroute('**/v1/batches')
      await page.route('**/complete', signedOut)
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('1 file could not be sent.').waitFor()
      await page
        .getByRole('alert')
        .getByText(/not signed in any more/)
        .waitFor()
      await page.unroute('**/complete')
      await page.getByRole('button', { name: 'Send it again' }).click()
      await row(page, 'kept.log').getByText('Compressed').waitFor()
    })

    test('a proxy may let nobody in to look: the page of a batch says so, and shows it on another try', async () => {
      const page = await ui.open('/')
      await choose(page, [log('seen.log', 5000)])
      await untilDone(page)
      await page.route('**/v1/batches/*', signedOut)
      await page.reload()
      await page.getByText(/not signed in any more/).waitFor()
      await page.unroute('**/v1/batches/*')
      await page.getByRole('button', { name: 'Try again' }).click()
      await row(page, 'seen.log').getByText('Compressed').waitFor()
    })
  },
  {
    args: ['--max-file-size', '4MB'],
    // Its files on the small disk, its database elsewhere.
    prepare: async (dataDir) => {
      for (const folder of disk === undefined ? [] : ['objects', 'scratch']) {
        await mkdir(join(disk?.path ?? '', folder))
        await symlink(join(disk?.path ?? '', folder), join(dataDir, folder))
      }
    },
  },
)

describeUi(
  'a signed URL that is too old',
  (ui) => {
    test('the store refuses it: the page asks for another, and sends the file', async () => {
      const page = await ui.open('/')
      const answers: Promise<string>[] = []
      page.on('response', (response) => {
        if (response.request().method() !== 'PUT') return
        answers.push(response.ok() ? Promise.resolve('stored') : response.json().then(({ code }) => code))
      })
      let left = 2
      const late = async (route: Route) => {
        if (left === 0) return route.continue()
        left -= 1
        const expires = Number(new URL(route.request().url()).searchParams.get('expires'))
        await expect.poll(() => Date.now()).toBeGreaterThan(expires)
        await route.continue()
      }
      await page.route('**/objects/**', late)
      await choose(page, [log('one.log', 5000), log('two.log', 5000)])
      await untilDone(page)
      expect((await Promise.all(answers)).sort()).toEqual(['stored', 'stored', 'url_expired', 'url_expired'])
      for (const name of ['one.log', 'two.log']) await row(page, name).getByText('Compressed').waitFor()
      await page.unrouteAll({ behavior: 'ignoreErrors' })
    })
  },
  // Long enough for the second one on a machine that is busy.
  { args: ['--upload-url-lifetime', '6s'] },
)
