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
