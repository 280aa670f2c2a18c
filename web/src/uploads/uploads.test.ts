import { expect, test, vi } from 'vitest'
import { ApiError, unreachable } from '../api/problem.ts'
import type { TransferRequest } from './transfer.ts'
import { Uploads } from './uploads.ts'

/** Transfers that end when the test says so. */
function controlled() {
  const running = new Map<string, TransferRequest & { end: (error?: unknown) => void }>()
  const transfer = (request: TransferRequest) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: unknown) => {
        running.delete(request.fileId)
        if (error === undefined) resolve()
        else reject(error)
      }
      running.set(request.fileId, { ...request, end })
      request.signal.addEventListener('abort', () => end(request.signal.reason))
    })
  return { running, transfer }
}

/** Nobody says that the service is back. */
const alone = { connection: { doubt: () => undefined, onBack: () => () => undefined } }

const files = (...ids: string[]) => ids.map((fileId) => ({ fileId, file: new Blob(['12345']) }))

test('files are sent a few at a time, told together, and then forgotten', async () => {
  const { running, transfer } = controlled()
  const told: string[][] = []
  const uploads = new Uploads({
    ...alone,
    transfer,
    concurrency: 2,
    announce: async (_, ids) => void told.push([...ids]),
  })
  uploads.add('batch', files('a', 'b', 'c'))
  expect([...running.keys()]).toEqual(['a', 'b'])
  running.get('a')?.onProgress(3)
  expect(uploads.totals('batch')).toMatchObject({ files: 3, bytes: 15, sentBytes: 3, active: 3 })
  running.get('a')?.end()
  await vi.waitFor(() => expect([...running.keys()]).toEqual(['b', 'c']), { timeout: 20_000 })
  for (const one of [...running.values()]) one.end()
  await vi.waitFor(() => expect(uploads.isBusy).toBe(false), { timeout: 20_000 })
  expect(told.flat().sort()).toEqual(['a', 'b', 'c'])
})

test('what is paused is cut and begins again when it is resumed; what is dropped does not', async () => {
  const { running, transfer } = controlled()
  const uploads = new Uploads({ ...alone, transfer, announce: async () => undefined })
  uploads.add('batch', files('a', 'b'))
  uploads.pauseBatch('batch')
  await vi.waitFor(() => expect(running.size).toBe(0), { timeout: 20_000 })
  expect(uploads.totals('batch')).toMatchObject({ active: 0, paused: 2 })
  uploads.drop(['b'])
  uploads.resumeBatch('batch')
  await vi.waitFor(() => expect([...running.keys()]).toEqual(['a']), { timeout: 20_000 })
})

test('a file that is refused says why and holds up nobody, wherever it is refused', async () => {
  const { running, transfer } = controlled()
  const full = new ApiError('The store is full.', { code: 'storage_full', status: 507, retryable: true })
  const missing = new ApiError('Upload first.', { code: 'upload_missing', status: 409, retryable: true })
  const told: string[] = []
  const uploads = new Uploads({
    ...alone,
    transfer,
    announce: async (_, ids) => {
      if (ids.includes('lost')) throw missing
      told.push(...ids)
    },
  })
  uploads.add('batch', files('full', 'lost', 'good'))
  running.get('full')?.end(full)
  running.get('lost')?.end()
  running.get('good')?.end()
  await vi.waitFor(() => expect(told).toEqual(['good']), { timeout: 20_000 })
  expect(uploads.item('full')).toMatchObject({ phase: 'failed', error: full })
  expect(uploads.item('lost')).toMatchObject({ phase: 'failed', error: missing })
  expect(uploads.item('good')).toBeUndefined()
})

test('what could not be sent is summed up with the reason, and sent again without what is paused', async () => {
  const { running, transfer } = controlled()
  const full = new ApiError('The store is full.', { code: 'storage_full', status: 507, retryable: true })
  const uploads = new Uploads({ ...alone, transfer, announce: async () => undefined })
  uploads.add('batch', files('a', 'b', 'c'))
  for (const id of ['a', 'b']) running.get(id)?.end(full)
  uploads.pause('c')
  await vi.waitFor(
    () => expect(uploads.totals('batch')).toMatchObject({ failed: 2, paused: 1, error: full }),
    {
      timeout: 20_000,
    },
  )
  uploads.retryBatch('batch')
  await vi.waitFor(() => expect([...running.keys()]).toEqual(['a', 'b']), { timeout: 20_000 })
  expect(uploads.totals('batch').error).toBeUndefined()
})

test('a connection that comes back is used without anybody asking', async () => {
  let tries = 0
  const uploads = new Uploads({
    ...alone,
    transfer: async () => {
      tries += 1
      if (tries < 3) throw unreachable()
    },
    announce: async () => undefined,
  })
  uploads.add('batch', files('a'))
  await vi.waitFor(() => expect(uploads.isBusy).toBe(false), { timeout: 20_000 })
  expect(tries).toBe(3)
})

test('a lost connection makes the service be asked, and files are sent at once when it is back', async () => {
  const { running, transfer } = controlled()
  const doubt = vi.fn()
  let back = (): void => undefined
  const onBack = (listener: () => void) => {
    back = listener
    return () => undefined
  }
  // A clock that stands still: nothing is ever due by itself.
  const uploads = new Uploads({
    transfer,
    announce: async () => undefined,
    clock: () => 1,
    connection: { doubt, onBack },
  })
  uploads.add('batch', files('a', 'b'))
  uploads.pause('b')
  await vi.waitFor(() => expect([...running.keys()]).toEqual(['a']), { timeout: 20_000 })
  running.get('a')?.end(unreachable())
  await vi.waitFor(() => expect(doubt).toHaveBeenCalledOnce(), { timeout: 20_000 })
  expect(running.size).toBe(0)
  back()
  expect([...running.keys()]).toEqual(['a'])
  expect(uploads.item('b')?.phase).toBe('paused')
})
