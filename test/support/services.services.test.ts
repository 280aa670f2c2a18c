import { connect } from 'node:net'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import pg from 'pg'
import { expect, it } from 'vitest'
import { describeServices, services, useBucket, useDatabase } from './services.ts'

describeServices('the servers of the suites', () => {
  const databaseUrl = useDatabase()
  const bucket = useBucket()

  it('give a suite a database of its own on Postgres 15 or later', async () => {
    const client = new pg.Client({ connectionString: databaseUrl() })
    await client.connect()
    try {
      const { rows } = await client.query(
        "select current_database() as name, current_setting('server_version_num')::int as version",
      )
      expect(rows[0].name).toMatch(/^test-/)
      expect(rows[0].version).toBeGreaterThanOrEqual(150_000)
    } finally {
      await client.end()
    }
  })

  it('give a suite a bucket of its own, in which If-None-Match holds', async () => {
    const client = new S3Client({ ...services().s3, forcePathStyle: true })
    try {
      const put = new PutObjectCommand({ Bucket: bucket(), Key: 'a', Body: 'a', IfNoneMatch: '*' })
      await client.send(put)
      await expect(client.send(put)).rejects.toMatchObject({ name: 'PreconditionFailed' })
    } finally {
      client.destroy()
    }
  })

  it('have a Kafka that listens, and a Toxiproxy before whatever a suite wants cut', async () => {
    const [host = '', port = ''] = services().kafkaBrokers[0]?.split(':') ?? []
    const socket = connect(Number(port), host)
    await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('error', reject))
    socket.destroy()
    expect(await (await fetch(`${services().toxiproxyUrl}/proxies`)).json()).toEqual(expect.any(Object))
  })
})
