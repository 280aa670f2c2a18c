import { type ApiBatch, batchSchema, createdSchema } from '../standalone/client.ts'

/** What a client does with the API of an installation. */
export function clientOf(apiUrl: string) {
  async function call(path: string, init: RequestInit = {}): Promise<unknown> {
    const response = await fetch(`${apiUrl}${path}`, init)
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  const json = (body: object) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return {
    batch: async (id: string): Promise<ApiBatch> => batchSchema.parse(await call(`/v1/batches/${id}`)),

    /** Sends so many files to a job, all at once as far as the API takes them, and says that it was all. Returns the batch. */
    async send(job: string, photos: readonly Buffer[], count: number): Promise<string> {
      const { id } = createdSchema.parse(await call('/v1/batches', json({ job })))
      const names = Array.from({ length: count }, (_, i) => i)
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let i = names.pop(); i !== undefined; i = names.pop()) {
            const photo = photos[i % photos.length] ?? Buffer.alloc(0)
            const init = { method: 'POST', body: new Uint8Array(photo) }
            await call(`/v1/files?batch=${id}&name=${i}.jpg`, init)
          }
        }),
      )
      await call(`/v1/batches/${id}/complete`, json({}))
      return id
    },
  }
}
