export { handleChunk } from './handle-chunk.ts'
export type { JobStores, SourceStore } from './process-object.ts'
