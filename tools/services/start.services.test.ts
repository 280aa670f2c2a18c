import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, readdir } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { expect, it } from 'vitest'
import { describeOwnServices } from '../../test/support/services.ts'
import { startServices } from './index.ts'

describeOwnServices('startServices', () => {
  it('brings a killed server back on the same address with the same data', async () => {
    const { postgres, folder, stop } = await startServices({ postgres: true })
    try {
      await query(postgres.url, 'create table kept (id integer)')
      await postgres.restart('SIGKILL')
      expect((await query(postgres.url, 'select count(*)::int as count from kept')).rows).toEqual([
        { count: 0 },
      ])
      await postgres.stop()
      await expect(query(postgres.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      await postgres.start()
      await query(postgres.url, 'select 1')
    } finally {
      await stop()
    }
    await expect(access(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('freezes a server and lets it go on', async () => {
    const { postgres, stop } = await startServices({ postgres: true })
    try {
      postgres.pause()
      await expect(query(postgres.url, 'select 1', 300)).rejects.toThrow('timeout')
      postgres.resume()
      expect((await query(postgres.url, 'select 1 as one')).rows).toEqual([{ one: 1 }])
    } finally {
      await stop()
    }
  })

  it('keeps the logs of what is stopped after a failure', async () => {
    const { s3, folder, stop } = await startServices({ s3: true })
    expect((await fetch(s3.endpoint)).status).toBe(403)
    await stop({ keepLogs: true })
    expect(await readdir(folder)).toEqual(['s3.log'])
    await stop()
    await expect(access(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('leaves no process and no file behind when the one who started it is killed', async () => {
    const parent = spawn(process.execPath, [path.join(import.meta.dirname, 'orphan.fixture.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface(parent.stdout), 'line')
    const { environment, folder } = JSON.parse(line)
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    const left = () =>
      access(folder).then(
        () => true,
        () => false,
      )
    await expect.poll(left, { timeout: 30_000 }).toBe(false)
    await expect(fetch(environment.KOMPRESSOR_TEST_S3_ENDPOINT)).rejects.toThrow()
    await expect(query(environment.KOMPRESSOR_TEST_DATABASE_URL, 'select 1')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })
})

async function query(url: string, statement: string, connectionTimeoutMillis = 0) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await client.query(statement)
  } finally {
    await client.end()
  }
}
