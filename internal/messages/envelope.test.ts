import { expect, test } from 'vitest'
import { envelopeHeaders, messageTypes, requireType, unreadableHeaders } from './index.ts'

const time = new Date('2026-01-02T03:04:05Z')

test('a record says what it is, as a CloudEvent', () => {
  expect(envelopeHeaders('task', { id: 't.1', source: '/jobs/default', time })).toEqual({
    ce_specversion: '1.0',
    ce_id: 't.1',
    ce_type: 'dev.kompressor.task.v1',
    ce_source: '/jobs/default',
    ce_time: '2026-01-02T03:04:05.000Z',
    'content-type': 'application/json',
  })
})

test('what is of another kind or version is not read', () => {
  requireType(['task', 'chunkTask'], { ce_type: messageTypes.task })
  requireType(['task', 'chunkTask'], { ce_type: messageTypes.chunkTask })
  requireType(['task', 'chunkTask'], {})
  for (const ce_type of ['dev.kompressor.task.v2', messageTypes.report, 'com.example.other', '']) {
    expect(() => requireType(['task', 'chunkTask'], { ce_type })).toThrow(
      expect.objectContaining({ code: 'unsupported_message', retryable: false }),
    )
  }
})

test('what nobody could read keeps its own headers and says why it lies there', () => {
  const error = new Error('x'.repeat(5_000))
  const headers = unreadableHeaders({ ce_type: 'dev.kompressor.task.v9' }, { topic: 'work', error })
  expect(headers).toMatchObject({ ce_type: 'dev.kompressor.task.v9', 'kompressor-source': 'work' })
  expect(headers['kompressor-error']).toHaveLength(1_000)
})
