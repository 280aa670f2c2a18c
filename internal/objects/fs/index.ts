export type { VerifiedUrl } from './signing.ts'
export { createFsObjectStore, type FsObjectStore, type FsObjectStoreOptions } from './store.ts'
