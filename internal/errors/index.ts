export { countsAttempt, type ErrorCode, errorCodes } from './codes.ts'
export { type ErrorBody, KompressorError, toKompressorError } from './error.ts'
export { errorsReference } from './reference.ts'
