import { Webhook } from 'standardwebhooks'
import type { LeasedDelivery } from '../../store/index.ts'

export interface WebhookMessage {
  headers: Record<string, string>
  body: Buffer
}

/**
 * What is posted, signed as Standard Webhooks has it: HMAC-SHA256 over id, time and body. Identity and body are the same in
 * every attempt, so that a receiver knows what it has had; the time is that of the attempt, because receivers refuse what is
 * older than five minutes.
 */
export function messageOf(delivery: LeasedDelivery, now: Date): WebhookMessage {
  const { batchId, seq, type, batch, job, endedAt, secret } = delivery
  const id = `${batchId}-${seq}`
  const body = JSON.stringify({ type, timestamp: endedAt.toISOString(), data: { batch, job } })
  return {
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
    body: Buffer.from(body),
  }
}
