import type { WebhookState } from '../../store/index.ts'
import type { Judgement } from '../conditions.ts'

/**
 * The condition Notified: whether whoever is to be told of ended batches is told.
 *
 * @param trouble why nobody can be told at all
 */
export function judgeWebhook(
  trouble: { reason: string; message: string } | undefined,
  { gone, failure, waiting }: WebhookState,
): Judgement {
  const say = (status: boolean, reason: string, message: string): Judgement => ({
    type: 'Notified',
    status,
    reason,
    message,
  })
  if (trouble !== undefined) return say(false, trouble.reason, trouble.message)
  if (gone) {
    const todo = 'Nothing is sent any more, until spec.webhook.url or the secret is another one.'
    return say(false, 'ReceiverGone', `${sentence(failure ?? 'the receiver answered 410')} ${todo}`)
  }
  if (failure !== undefined) {
    const next =
      waiting > 0 ? 'It is tried again, for about a day.' : 'The next batch that ends is told again.'
    return say(false, 'NotDelivered', `${sentence(failure)} ${next}`)
  }
  return say(true, 'Telling', 'Whoever spec.webhook names is told of every batch that ends.')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
