export type { S3Connection } from './connection.ts'
export { createS3ObjectStore, type S3ObjectStoreOptions } from './create.ts'
export type { S3ObjectStore } from './store.ts'
