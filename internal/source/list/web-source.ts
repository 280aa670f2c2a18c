import type { Fetcher } from '../../fetch/index.ts'
import type { ObjectStore } from '../../objects/index.ts'

/**
 * The files of a list as a worker reads them: their keys are addresses. What an address has is named by its bytes, because
 * servers name versions as they like, so that the same bytes are the same work whoever serves them.
 */
export function createWebSource(
  fetcher: Fetcher,
  { maxBytes, now }: { maxBytes: number; now: () => Date },
): Pick<ObjectStore, 'getFile' | 'head'> {
  return {
    async getFile(key, path, { signal = AbortSignal.any([]) } = {}) {
      const { size, sha256, contentType } = await fetcher.download(key, path, { maxBytes, signal })
      const attributes = contentType === undefined ? {} : { contentType }
      return { key, size, etag: sha256, lastModified: now(), attributes }
    },
    // Nothing is known of an address but what is fetched.
    head: async () => undefined,
  }
}
