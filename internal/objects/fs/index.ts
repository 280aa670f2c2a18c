export type { VerifiedPut, VerifiedUrl } from './signing.ts'
export { createFsObjectStore, type FsObjectStore, type FsObjectStoreOptions } from './store.ts'
