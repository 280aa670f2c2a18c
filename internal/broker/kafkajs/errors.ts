import { KompressorError } from '../../errors/index.ts'

/** An error of kafkajs and what it wraps: it nests causes, and lists of them. */
function* chain(error: unknown): Iterable<Error> {
  if (!(error instanceof Error)) return
  yield error
  yield* chain(error.cause)
  if ('originalError' in error) yield* chain(error.originalError)
  if ('errors' in error && Array.isArray(error.errors)) for (const one of error.errors) yield* chain(one)
  if ('partitions' in error && Array.isArray(error.partitions)) {
    for (const { error: one } of error.partitions) yield* chain(one)
  }
}

/** Whether the broker answered with one of these error types, as Kafka's protocol names them. */
export function isType(error: unknown, ...types: readonly string[]): boolean {
  for (const one of chain(error)) {
    if ('type' in one && typeof one.type === 'string' && types.includes(one.type)) return true
  }
  return false
}

export function isUnknownTopic(error: unknown): boolean {
  return isType(error, 'UNKNOWN_TOPIC_OR_PARTITION')
}

export function isRefused(error: unknown): boolean {
  return isType(error, 'TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'POLICY_VIOLATION')
}

/** Errors of a connection, by the names kafkajs gives them; nothing is wrong with what was asked. */
const passingNames = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSStaleTopicMetadataAssignment',
])

/** kafkajs says this when the broker is away, and also when it refuses to tell us about the group. */
export function isCoordinatorMissing(error: unknown): boolean {
  for (const one of chain(error)) if (one.name === 'KafkaJSGroupCoordinatorNotFound') return true
  return false
}

/** What a commit meets while the group rebalances, or when the group no longer knows this member. */
const membershipTypes = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS']

/**
 * Whether the same may succeed later without anyone changing anything: the broker is away, or says itself that it is a
 * matter of time.
 */
export function isPassing(error: unknown): boolean {
  for (const one of chain(error)) {
    if (passingNames.has(one.name)) return true
    if ('retriable' in one && one.retriable === true) return true
  }
  return isType(error, ...membershipTypes)
}

/** What the port throws. */
export function unavailable(error: unknown, what: string): KompressorError {
  if (error instanceof KompressorError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new KompressorError('broker_unavailable', `${what}: ${message}`, { cause: error })
}
