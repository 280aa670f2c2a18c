import { expect, onTestFinished, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { createCluster } from '../services/cluster.ts'
import { fileSchema } from '../standalone/client.ts'
import { describeOwnServices, useBucket, useDatabase, useKafka } from '../support/services.ts'
import { ancestry, attributeOf, type Span, startCollector } from './collector.ts'

describeOwnServices('three processes that trace', () => {
  const database = useDatabase()
  const servers = useKafka()
  const bucket = useBucket()

  test('send one trace of a file, from the request over Kafka and the child to the fold', async () => {
    const { spans, env } = await startCollector()
    const cluster = await createCluster({
      servers: servers(),
      databaseUrl: database(),
      bucket: bucket(),
      env,
    })
    const [http, delivery] = await Promise.all([
      cluster.startApi(['--roles', 'http']),
      cluster.startApi(['--roles', 'relay,projector']),
    ])
    const worker = await cluster.startWorker(http)
    onTestFinished(() => Promise.all([http, delivery, worker].map((one) => one.kill())).then(() => undefined))
    const response = await fetch(`${http.url}/v1/files?name=a.log`, {
      method: 'POST',
      body: fixtures.log(),
      headers: { prefer: 'wait=60' },
    })
    const file = fileSchema.parse(await response.json())
    expect(file.state).toBe('completed')
    // What is not sent yet is sent before a process ends.
    await cluster.stop()

    const compress = spans.find((span) => attributeOf(span, 'kompressor.file.id') === file.id)
    const fold = spans.find(({ name, parentSpanId }) => name === 'fold' && parentSpanId === compress?.spanId)
    const encode = spans.find(
      ({ name, parentSpanId }) => name === 'encode' && parentSpanId === compress?.spanId,
    )
    const line = ancestry(spans, fold)
    expect(line.map(({ name }) => name)).toEqual(['fold', 'compress', 'release', 'accept', 'POST /v1/files'])
    expect(new Set([...line, encode].map((span) => span?.traceId)).size).toBe(1)
    // Delivery, the worker, delivery, and twice the process that answers requests.
    const [folder, compressor, releaser, accepter, requested] = line.map(({ process }) => process)
    expect(folder).toBe(releaser)
    expect(accepter).toBe(requested)
    expect(new Set([folder, compressor, accepter]).size).toBe(3)
    expect(line.slice(0, 3).map(conventions)).toEqual([
      ['kafka', 'process', 'file-status-updates'],
      ['kafka', 'process', 'file-compression'],
      ['kafka', 'send', 'file-compression'],
    ])
  }, 600_000)
})

function conventions(span: Span): string[] {
  return ['messaging.system', 'messaging.operation.type', 'messaging.destination.name'].map((key) =>
    attributeOf(span, key),
  )
}
