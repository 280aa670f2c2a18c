export {
  createFsObjectStore,
  type FsObjectStore,
  type FsObjectStoreOptions,
  type VerifiedPut,
  type VerifiedUrl,
} from './fs/index.ts'
export { maxPartBytes, maxParts, minPartBytes } from './parts.ts'
export type {
  CompleteUploadOptions,
  GetOptions,
  ListOptions,
  MultipartUploads,
  ObjectAttributes,
  ObjectInfo,
  ObjectStore,
  OpenUpload,
  PresignedRequest,
  PresignGetOptions,
  PresignPartOptions,
  PresignPutOptions,
  PutOptions,
  UploadedPart,
} from './port.ts'
export {
  createReplicatedObjectStore,
  type Replica,
  type ReplicatedOptions,
  underPrefix,
} from './replicated/index.ts'
export {
  createS3ObjectStore,
  type S3Connection,
  type S3ObjectStore,
  type S3ObjectStoreOptions,
} from './s3/index.ts'
