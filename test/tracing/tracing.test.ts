import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { fixtures } from '../fixtures/index.ts'
import { startService } from '../support/service.ts'
import { ancestry, startCollector } from './collector.ts'

test('one trace follows a file from its request over release and compression to the fold of its result', async () => {
  const { spans, env } = await startCollector()
  const dataDir = await mkdtemp(join(tmpdir(), 'kompressor-tracing-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const service = await startService({ dataDir, args: ['--slots', '1'], env })
  onTestFinished(() => service.kill())
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(fixtures.log())]), 'a.log')
  const response = await fetch(`${service.url}/v1/files`, {
    method: 'POST',
    body: form,
    headers: { prefer: 'wait=30' },
  })
  const file = z.object({ id: z.string(), state: z.string() }).parse(await response.json())
  expect(file.state).toBe('completed')
  // What is not sent yet is sent before the process ends.
  expect(await service.stop()).toBe(0)

  const line = ancestry(
    spans,
    spans.find(({ name }) => name === 'fold'),
  )
  expect(line.map(({ name }) => name)).toEqual(['fold', 'compress', 'release', 'accept', 'POST /v1/files'])
  expect(line[1]?.attributes).toContainEqual({ key: 'kompressor.file.id', value: { stringValue: file.id } })
  expect(spans.find(({ name }) => name === 'encode')?.parentSpanId).toBe(line[1]?.spanId)
})
