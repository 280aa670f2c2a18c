import type { ApiContext } from '../env.ts'

/**
 * A response body from chunks, read only as fast as the client takes them. When it breaks off, the connection is cut: the
 * status has been sent, and an orderly end would make half an answer look like a whole one. When the client goes away,
 * the generator is ended, so its `finally` closes what it has open.
 */
export function streamed(c: ApiContext, chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  const { outgoing } = c.env
  let gone = false
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await chunks.next()
        // While we waited: there is nobody left to close the stream for.
        if (gone) return
        if (done === true) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        c.get('log').warn({ error }, 'response broke off')
        outgoing.destroy()
        if (!gone) controller.close()
      }
    },
    async cancel() {
      gone = true
      await chunks.return(undefined)
    },
  })
}
