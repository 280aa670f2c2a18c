export { handleChunk } from './handle-chunk.ts'
export { createLanes, type Lanes } from './lanes.ts'
export type { JobStores } from './process-object.ts'
