import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { servicePort } from '../../tools/services/index.ts'
import { fixtures } from '../fixtures/index.ts'
import { fileSchema } from '../standalone/client.ts'
import { describeOwnServices, useBucket, useDatabase, useKafka } from '../support/services.ts'
import { createCluster } from './cluster.ts'

const inTime = { timeout: 240_000, interval: 100 }

describeOwnServices('an API that is started while Kafka is away', () => {
  const database = useDatabase()
  const servers = useKafka()
  const bucket = useBucket()

  test('accepts uploads, and has them compressed when Kafka is there', async () => {
    const cluster = await createCluster({ servers: servers(), databaseUrl: database(), bucket: bucket() })
    onTestFinished(() => cluster.stop(), 120_000)
    const [port, kafkaPort] = [await servicePort(), await servicePort()]
    const ready = cluster.startApi(['--kafka-brokers', `127.0.0.1:${kafkaPort}`], port)
    // Said below, where it is awaited.
    ready.catch(() => undefined)
    const url = `http://127.0.0.1:${port}`

    const post = async () => {
      const response = await fetch(`${url}/v1/files?name=a.log`, { method: 'POST', body: fixtures.log() })
      return fileSchema.parse(await response.json())
    }
    await expect
      .poll(
        () =>
          fetch(`${url}/healthz`).then(
            ({ ok }) => ok,
            () => false,
          ),
        inTime,
      )
      .toBe(true)
    const { id } = await post()
    expect((await fetch(`${url}/readyz`)).status).toBe(200)

    await forward(kafkaPort, servers().kafkaBrokers[0] ?? '')
    await cluster.startWorker(await ready)
    const state = async () => fileSchema.parse(await (await fetch(`${url}/v1/files/${id}`)).json()).state
    await expect.poll(state, inTime).toBe('completed')
  }, 600_000)
})

/** Lets clients find Kafka by this port; where they go on from there Kafka says. */
async function forward(port: number, target: string): Promise<void> {
  const { hostname, port: targetPort } = new URL(`tcp://${target}`)
  const server = createServer((client) => {
    const upstream = connect(Number(targetPort), hostname)
    client.pipe(upstream).pipe(client)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
}
