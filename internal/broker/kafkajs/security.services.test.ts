import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { describeOwnServices } from '../../../test/support/services.ts'
import { type KafkaServer, startServices } from '../../../tools/services/index.ts'
import { holdRecords, numbered, takeRecords, until } from '../contract/fixture.ts'
import { createKafkaBroker } from './broker.ts'
import { clientFactory, type KafkaConnection, type Sasl } from './client.ts'

const run = promisify(execFile)
const admin: Sasl = { mechanism: 'plain', username: 'admin', password: 'admin-secret' }
const guest: Sasl = { mechanism: 'scram-sha-512', username: 'guest', password: 'guest-secret' }

/** A broker of the suite's own: clients speak TLS and log in, and may do only what they were told they may. */
describeOwnServices('Kafka over TLS, with a login and rights', () => {
  let folder: string
  let ca: string
  let kafka: KafkaServer
  let stop: () => Promise<void>

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'kompressor-tls-'))
    const certificate = await makeCertificate(folder)
    ca = certificate.pem
    const services = await startServices({
      kafka: {
        protocol: 'SASL_SSL',
        scram: ['SCRAM-SHA-512=[name=guest,password=guest-secret]'],
        properties: {
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.location': certificate.keystore,
          'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
          'listener.name.clients.plain.sasl.jaas.config':
            'org.apache.kafka.common.security.plain.PlainLoginModule required user_admin="admin-secret";',
          'listener.name.clients.scram-sha-512.sasl.jaas.config':
            'org.apache.kafka.common.security.scram.ScramLoginModule required;',
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          // ANONYMOUS is the broker itself, on its own listeners.
          'super.users': 'User:admin;User:ANONYMOUS',
        },
      },
    })
    kafka = services.kafka
    stop = services.stop
  }, 180_000)
  afterAll(async () => {
    await stop?.()
    await rm(folder, { recursive: true })
  })

  const as = (sasl: Sasl, tls: KafkaConnection['tls'] = { ca }) => {
    const broker = createKafkaBroker({ brokers: [kafka.brokers], clientId: 'test', tls, sasl })
    onTestFinished(() => broker.close())
    return broker
  }

  it('works for an administrator who logs in with PLAIN', async () => {
    const broker = as(admin)
    await broker.ensureTopic('own', { partitions: 2 })
    await broker.produce('own', numbered(10))
    expect(await takeRecords(broker, { topic: 'own', group: 'own', count: 10 })).toHaveLength(10)
    await broker.deleteCommitted('own', 'own')
    await broker.deleteTopic('own')
  })

  it('works for a guest with rights to read and write topics others made, and no others', async () => {
    await as(admin).ensureTopic('lent', { partitions: 2 })
    await allow('guest', { topic: 'lent', group: 'lent' })
    const broker = as(guest)
    await broker.ensureTopic('lent', { partitions: 2 })
    // More partitions than there are would be nice to have; a guest goes on without.
    await broker.ensureTopic('lent', { partitions: 4 })
    await broker.produce('lent', numbered(10))
    const held = await holdRecords(broker, { topic: 'lent', group: 'lent', concurrency: 10 })
    await until('all are in hand', () => held.deliveries.size === 10)
    held.finish(...held.deliveries.keys())
    await held.stop()
    expect(held.crashes).toEqual([])
    expect(await broker.lag('lent', 'lent')).toMatchObject([
      { committed: 5n, lag: 0 },
      { committed: 5n, lag: 0 },
    ])
    // Left to the owner.
    await broker.deleteCommitted('lent', 'lent')
    await broker.deleteTopic('lent')
    expect((await broker.lag('lent', 'lent')).map(({ end }) => end)).toEqual([5n, 5n])
  })

  it('tells a guest which topic somebody has to make', async () => {
    await expect(as(guest).ensureTopic('missing', { partitions: 3 })).rejects.toMatchObject({
      code: 'broker_unavailable',
      message:
        'topic missing does not exist or is hidden from this user, who may not create it: create it with 3 partitions',
    })
  })

  it('ends a consumer whose group it may not join', async () => {
    await as(admin).ensureTopic('lent', { partitions: 2 })
    await allow('guest', { topic: 'lent', group: 'lent' })
    const held = await holdRecords(as(guest), { topic: 'lent', group: 'forbidden', concurrency: 1 })
    await until('it crashed', () => held.crashes.length > 0)
    expect(held.crashes[0]?.message).toMatch(/^group forbidden cannot read topic lent; .*not allowed/)
    await held.stop({ graceMs: 0 })
  })

  it.each([
    ['a wrong password', { ...guest, password: 'guessed' }, undefined],
    ['an authority that is not trusted', guest, {}],
  ])('refuses %s', async (_, sasl, tls) => {
    await expect(as(sasl, tls).lag('lent', 'lent')).rejects.toMatchObject({ code: 'broker_unavailable' })
  })

  const allow = async (user: string, { topic, group }: { topic: string; group: string }): Promise<void> => {
    const client = clientFactory({ brokers: [kafka.brokers], clientId: 'acl', tls: { ca }, sasl: admin })(
      {},
    ).admin()
    const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs
    const entry = (
      resourceType: kafkajs.AclResourceTypes,
      resourceName: string,
      operation: kafkajs.AclOperationTypes,
    ) => ({
      resourceType,
      resourceName,
      operation,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      permissionType: AclPermissionTypes.ALLOW,
      principal: `User:${user}`,
      host: '*',
    })
    await client.connect()
    await client.createAcls({
      acl: [
        entry(AclResourceTypes.TOPIC, topic, AclOperationTypes.READ),
        entry(AclResourceTypes.TOPIC, topic, AclOperationTypes.WRITE),
        entry(AclResourceTypes.GROUP, group, AclOperationTypes.READ),
      ],
    })
    await client.disconnect()
  }
})

/** Signed by itself, so it is its own authority. */
async function makeCertificate(folder: string): Promise<{ pem: string; keystore: string }> {
  const at = (name: string) => path.join(folder, name)
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', at('key.pem'), '-out', at('certificate.pem')],
  ])
  const pem = await readFile(at('certificate.pem'), 'utf8')
  await writeFile(at('keystore.pem'), (await readFile(at('key.pem'), 'utf8')) + pem)
  return { pem, keystore: at('keystore.pem') }
}
