export {
  type ApiClient,
  type ApiEvent,
  type ApiFile,
  type Batch,
  type CompressionOptions,
  createApiClient,
  dataOf,
  done,
  type ErrorCode,
  type Failure,
  type FileState,
  type Job,
  type JobDecision,
  type JobDetail,
  type Upload,
} from './client.ts'
export { Connection, healthKey } from './connection.ts'
export { ApiProvider, ConnectionProvider, useApi, useConnection } from './context.ts'
export { ApiError, answered, type FailureCode, isPassing, sentence, unreachable } from './problem.ts'
export { createQueryClient } from './query.ts'
