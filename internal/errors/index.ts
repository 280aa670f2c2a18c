export { countsAttempt, type ErrorCode, errorCodes, isThrottled } from './codes.ts'
export { type ErrorBody, KompressorError, toKompressorError } from './error.ts'
export { errorsReference } from './reference.ts'
