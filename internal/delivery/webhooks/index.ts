export { startWebhooks, type WebhooksOptions } from './webhooks.ts'
