import { expect, test } from 'vitest'
import { judgeWebhook } from './judge.ts'

const fine = { gone: false, failure: undefined, waiting: 0 }
const missing = { reason: 'SecretMissing', message: 'There is no Secret hooks.' }

test.each([
  [
    'that there is no secret, whatever else there is',
    missing,
    { ...fine, gone: true },
    'SecretMissing',
    /^There is no/,
  ],
  [
    'that the receiver is gone',
    undefined,
    { gone: true, failure: 'the receiver answered 410', waiting: 3 },
    'ReceiverGone',
    /^The receiver answered 410\. Nothing is sent any more, until spec\.webhook\.url/,
  ],
  [
    'what a call has met, while it is tried again',
    undefined,
    { ...fine, failure: 'the receiver answered 500', waiting: 1 },
    'NotDelivered',
    /^The receiver answered 500\. It is tried again/,
  ],
  [
    'what a call has met that was given up',
    undefined,
    { ...fine, failure: 'the receiver answered 500; given up after 17 attempts' },
    'NotDelivered',
    /given up after 17 attempts\. The next batch that ends is told again\.$/,
  ],
])('says %s', (_, trouble, state, reason, message) => {
  const judgement = judgeWebhook(trouble, state)
  expect(judgement).toMatchObject({ type: 'Notified', status: false, reason })
  expect(judgement.message).toMatch(message)
})

test('says that all is well also while something is on its way', () => {
  expect(judgeWebhook(undefined, { ...fine, waiting: 5 })).toEqual(judgeWebhook(undefined, fine))
  expect(judgeWebhook(undefined, fine)).toMatchObject({ status: true, reason: 'Telling' })
})
