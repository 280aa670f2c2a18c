export { ensureWebhook, lookAgainMs, type ReadSecret, withWebhook } from './ensure-webhook.ts'
