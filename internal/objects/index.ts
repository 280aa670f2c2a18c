export {
  createFsObjectStore,
  type FsObjectStore,
  type FsObjectStoreOptions,
  type VerifiedUrl,
} from './fs/index.ts'
export type {
  GetOptions,
  ListOptions,
  ObjectAttributes,
  ObjectInfo,
  ObjectStore,
  PresignedRequest,
  PresignGetOptions,
  PresignPutOptions,
  PutOptions,
} from './port.ts'
