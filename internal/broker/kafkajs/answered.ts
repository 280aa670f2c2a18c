import kafkajs from 'kafkajs'
import { sayGoodbye } from './goodbye.ts'

/** How long a client may take to connect, milliseconds: it tries a few brokers, 5 s each. */
const connectMs = 20_000
/** How long one answer may take, milliseconds: more than the 30 s that kafkajs gives a request. */
const answerMs = 40_000

/**
 * What a client of kafkajs answers, or a passing failure when it says nothing for `withinMs`. It gives its requests 30 s,
 * and yet waits for some without end: the timers of a connection end with it, and what was asked in that moment, or while
 * it was being made, has no other. Rejects as `asked` does.
 */
export async function answered<T>(asked: Promise<T>, withinMs: number = answerMs): Promise<T> {
  const { promise: silence, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () =>
      reject(new kafkajs.KafkaJSError(`no answer came within ${withinMs / 1_000} s`, { retriable: true })),
    withinMs,
  )
  try {
    return await Promise.race([asked, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** Connects a client, or lets go of it when it does not in time. Rejects as it does. */
export async function connected<C extends { connect(): Promise<void>; disconnect(): Promise<void> }>(
  client: C,
  withinMs: number = connectMs,
): Promise<C> {
  try {
    await answered(client.connect(), withinMs)
    return client
  } catch (error) {
    // Nobody waits for a client that nobody has.
    sayGoodbye(client).catch(() => undefined)
    throw error
  }
}
