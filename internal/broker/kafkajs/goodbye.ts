import { setTimeout as delay } from 'node:timers/promises'

/** How long a client may take to disconnect, milliseconds. */
const goodbyeMs = 5_000

/**
 * Disconnects a client of kafkajs, or leaves it to its fate: it first waits for what it has asked on every connection, and
 * does so for ever when an answer got lost together with a broker (`waitForPendingRequests`). Rejects as it does.
 */
export async function sayGoodbye(
  client: { disconnect(): Promise<void> },
  withinMs: number = goodbyeMs,
): Promise<void> {
  const gone = new AbortController()
  try {
    await Promise.race([client.disconnect(), delay(withinMs, undefined, { signal: gone.signal })])
  } finally {
    gone.abort()
  }
}
