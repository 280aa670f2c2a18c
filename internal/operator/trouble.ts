import { KompressorError } from '../errors/index.ts'
import { ApiError } from '../kube/index.ts'

export interface Trouble {
  reason: string
  message: string
  /** Whether it may pass without anybody changing the resource. */
  temporary: boolean
}

/** A reason for programs and a message that says what to do, from whatever was thrown. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof KompressorError) {
    const { code, message, retryable } = error
    switch (code) {
      case 'broker_unavailable':
        return { reason: 'BrokerUnavailable', message: `Kafka cannot be used: ${message}`, temporary: true }
      case 'database_unavailable':
        return {
          reason: 'DatabaseUnavailable',
          message: `Postgres cannot be used: ${message}`,
          temporary: true,
        }
      default:
        return { reason: codeReason(code), message, temporary: retryable }
    }
  }
  if (error instanceof ApiError) {
    const forbidden = error.status === 403
    return {
      reason: forbidden ? 'Forbidden' : error.reason || 'KubernetesUnavailable',
      message: forbidden
        ? `${error.message}. Does the operator have its role in this namespace?`
        : error.message,
      temporary: error.status !== 422,
    }
  }
  return {
    reason: 'Internal',
    message: error instanceof Error ? error.message : String(error),
    temporary: true,
  }
}

/** An error code as the reason of a condition: `storage_denied` is `StorageDenied`. */
export function codeReason(code: string): string {
  return code.replaceAll(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
}
