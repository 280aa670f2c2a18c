import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createKafkaBroker } from './broker.ts'

test('is closed although the cluster owes it an answer', async () => {
  const connections = new Set<Socket>()
  const silent = createServer((socket) => connections.add(socket)).listen(0, '127.0.0.1')
  onTestFinished(() => {
    for (const socket of connections) socket.destroy()
    silent.close()
  })
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const broker = createKafkaBroker({ brokers: [`127.0.0.1:${port}`], clientId: 'waiting' })
  let isAnswered = false
  const asked = broker.lag('group', 'topic').finally(() => {
    isAnswered = true
  })
  asked.catch(() => undefined)
  await expect.poll(() => connections.size).toBe(1)
  await broker.close()
  expect(isAnswered).toBe(false)
  await expect(broker.lag('group', 'topic')).rejects.toMatchObject({ code: 'broker_unavailable' })
}, 60_000)
