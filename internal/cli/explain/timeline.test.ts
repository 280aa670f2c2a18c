import { expect, test } from 'vitest'
import { plainStyle } from '../terminal/output.ts'
import type { ExplainedFile, FileEvent } from './schema.ts'
import { readMessages } from './sse.ts'
import { renderLife } from './timeline.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()

const file: ExplainedFile = {
  id: 'f1',
  batchId: 'b1',
  name: 'photo\n.jpg',
  state: 'completed',
  size: 2_000_000,
  type: 'image/jpeg',
  attempts: 2,
  createdAt: at(0),
  updatedAt: at(6),
  input: { width: 4000, height: 3000, frames: 1, hasAlpha: false },
  result: {
    outcome: 'compressed',
    bytesIn: 2_000_000,
    bytesOut: 700_000,
    cpuMs: 640,
    outputs: [{ name: 'photo.jpg', type: 'image/jpeg', bytes: 700_000, quality: 78, score: 75.21 }],
  },
}

const events: FileEvent[] = [
  { seq: 1, type: 'file.queued', fileId: 'f1', at: at(0.5) },
  { seq: 2, type: 'file.started', fileId: 'f1', at: at(1.5), attempt: 1 },
  {
    seq: 3,
    type: 'file.retrying',
    fileId: 'f1',
    at: at(2.5),
    error: { code: 'codec_crashed', message: 'the child died' },
    retryAt: at(4.5),
  },
  { seq: 4, type: 'file.started', fileId: 'f1', at: at(5), attempt: 2 },
  { seq: 5, type: 'file.completed', fileId: 'f1', at: at(6), attempt: 2 },
]

test('a life is told in order, with the pause before a retry and where the time went', () => {
  expect(
    renderLife(file, events, plainStyle).join('\n'),
  ).toBe(`photo\\u{a}.jpg  image/jpeg, 4000 × 3000, 2.0 MB
file f1, batch b1

  2026-01-01 00:00:00.000           accepted
  2026-01-01 00:00:00.500  +500 ms  queued
  2026-01-01 00:00:01.500   +1.5 s  attempt 1 started
  2026-01-01 00:00:02.500   +2.5 s  will be tried again: codec_crashed, the child died (next attempt in 2.0 s)
  2026-01-01 00:00:05.000   +5.0 s  attempt 2 started
  2026-01-01 00:00:06.000   +6.0 s  completed

2.0 MB → 700 kB, 65.0% saved
  photo.jpg, image/jpeg, quality 78, score 75.2
  time: uploading 500 ms, waiting 1.0 s, earlier attempts 3.5 s, compressing 1.0 s (640 ms of CPU)`)
})

test('a failed file is explained from its history when its events are gone', () => {
  const { result: _, ...rest } = file
  const failed: ExplainedFile = {
    ...rest,
    state: 'failed',
    error: {
      code: 'codec_timeout',
      message: 'too slow',
      history: [{ code: 'codec_timeout', message: 'too slow', attempt: 1, at: at(3) }],
    },
  }
  const text = renderLife(failed, [], plainStyle).join('\n')
  expect(text).toContain('attempt 1 failed: codec_timeout, too slow')
  expect(text).toContain('Failed after 2 attempts: codec_timeout')
})

test('messages of a stream are read across chunks, comments passed over', async () => {
  const chunks = [
    'retry: 2000\n\nid: 1\nda',
    'ta: {"a":1}\n\n: still',
    ' here\n\ndata: {"b":2}\n\ndata: cut off',
  ]
  const body = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)))
  const messages: string[] = []
  for await (const message of readMessages(body)) messages.push(message)
  expect(messages).toEqual(['{"a":1}', '{"b":2}'])
})
