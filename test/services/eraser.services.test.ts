import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createS3ObjectStore, type S3ObjectStore } from '../../internal/objects/index.ts'
import { kompressor, start } from '../cli/command.ts'
import { fixtures } from '../fixtures/index.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { describeServices, services, useBucket } from '../support/services.ts'

const reportSchema = z.object({ job: z.object({ uid: z.string() }) })
const files = 150

describeServices('kompressor eraser', () => {
  const sourceBucket = useBucket()
  const outputBucket = useBucket()
  const replicaBucket = useBucket()
  let folder: string
  let from: S3ObjectStore
  let to: S3ObjectStore
  let copy: S3ObjectStore
  let env: Record<string, string>

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kompressor-eraser-'))
    const { s3 } = services()
    from = await createS3ObjectStore({ ...s3, bucket: sourceBucket() })
    to = await createS3ObjectStore({ ...s3, bucket: outputBucket() })
    copy = await createS3ObjectStore({ ...s3, bucket: replicaBucket() })
    const { accessKeyId, secretAccessKey } = s3.credentials
    env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: s3.region }
  })
  afterEach(async () => {
    for (const store of [from, to, copy]) await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  const keysOf = async (store: S3ObjectStore) => (await store.list({})).items.map(({ key }) => key)
  const put = (store: S3ObjectStore, key: string, bytes: Buffer | string, metadata = {}) =>
    store.put(key, Readable.from([Buffer.from(bytes)]), { attributes: { metadata } })

  /** Runs a job over the source and returns its uid. */
  async function run(): Promise<string> {
    const { endpoint } = services().s3
    const manifest = {
      apiVersion: 'kompressor.dev/v1alpha1',
      kind: 'CompressionJob',
      metadata: { name: 'nightly' },
      spec: {
        source: { s3: { endpoint, bucket: sourceBucket(), prefix: 'in/' } },
        output: {
          s3: { endpoint, bucket: outputBucket(), prefix: 'small/' },
          replicas: [{ endpoint, bucket: replicaBucket(), prefix: 'copy/' }],
        },
        compression: { data: { codec: 'Zstd' } },
      },
    }
    const file = join(folder, 'job.yaml')
    await writeFile(file, JSON.stringify(manifest))
    const { code, stderr } = await kompressor(['run', '-f', file, '--slots', '2'], {
      cwd: folder,
      env: { ...env, XDG_STATE_HOME: folder },
    })
    expect(code, stderr).toBe(0)
    const report = (await keysOf(to)).find((key) => key.endsWith('/report.json')) ?? ''
    return reportSchema.parse(JSON.parse(await text((await to.get(report)).body))).job.uid
  }

  const eraser = (uid: string, endpoint: string) => [
    'eraser',
    ...['--job', uid, '--job-name', 'nightly', '--output-prefix', 'small/'],
    ...['--s3-bucket', outputBucket(), '--s3-endpoint', endpoint],
    ...['--replica1', `${endpoint}/${replicaBucket()}?region=${services().s3.region}&prefix=copy/`],
  ]

  test('what a job wrote goes, everywhere and to the end although it is killed, and nothing of anybody else', async () => {
    for (let i = 0; i < files; i += 1) await put(from, `in/${i}.log`, fixtures.log({ bytes: 6_000, seed: i }))
    await put(to, 'small/0.log.zst', 'was there before')
    const uid = await run()
    const [wrote, made] = [await keysOf(to), await keysOf(copy)]
    expect(wrote.filter((key) => key.startsWith('small/'))).toHaveLength(files)
    // What was there before is in the replica too, and belongs to nobody we know.
    expect(made).toHaveLength(files)
    const notes = wrote.filter((key) => key.startsWith('.kompressor/'))
    const folderOfNotes = notes[0]?.split('/').slice(0, 2).join('/')

    await put(to, 'small/1.log.zst', 'overwritten by somebody else')
    const { attributes } = (await to.head('small/2.log.zst')) ?? {}
    await put(to, 'small/2.log.zst', 'edited, its metadata kept', attributes?.metadata)
    await put(to, 'small/somebody.txt', 'else')
    await put(to, `${folderOfNotes}/remarks.txt`, 'of somebody')
    await put(copy, 'copy/3.log.zst', 'overwritten in the replica')
    const stays = {
      output: [
        `${folderOfNotes}/remarks.txt`,
        'small/0.log.zst',
        'small/1.log.zst',
        'small/2.log.zst',
        'small/somebody.txt',
      ],
      replica: ['copy/0.log.zst', 'copy/3.log.zst'],
    }

    const proxy = await startFaultProxy(services().s3.endpoint)
    try {
      // One deletion in the output happens, and whatever comes after it waits for ever.
      let deletions = 0
      proxy.faults = ({ method, url }) => {
        const isDeletion = method === 'DELETE' || (method === 'POST' && url.includes('delete'))
        if (!isDeletion) return undefined
        if (url.includes(outputBucket())) deletions += 1
        return deletions === 1 && url.includes(outputBucket()) ? undefined : { kind: 'silence' }
      }
      const before = (await keysOf(to)).length
      const killed = start(eraser(uid, proxy.url), { cwd: folder, env })
      await expect.poll(async () => (await keysOf(to)).length, { timeout: 60_000 }).toBeLessThan(before)
      killed.child.kill('SIGKILL')
      expect((await killed.finished).code).not.toBe(0)
      expect((await keysOf(to)).length).toBeGreaterThan(stays.output.length)

      proxy.faults = () => undefined
      const { code, stdout, stderr } = await kompressor(eraser(uid, proxy.url), { cwd: folder, env })
      expect(code, stderr).toBe(0)
      expect(await keysOf(to), stdout).toEqual(stays.output)
      expect(await keysOf(copy)).toEqual(stays.replica)
      expect(await keysOf(from)).toHaveLength(files)
      expect(await text((await to.get('small/2.log.zst')).body)).toBe('edited, its metadata kept')

      // Nothing is left to do.
      expect((await kompressor(eraser(uid, proxy.url), { cwd: folder, env })).code).toBe(0)
      expect(await keysOf(to)).toEqual(stays.output)
    } finally {
      await proxy[Symbol.asyncDispose]()
    }
  }, 400_000)

  test('it gives up after a few tries where somebody has to put something right', async () => {
    const wrong = { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' }
    const { code, stdout, stderr } = await kompressor(eraser('nobody', services().s3.endpoint), {
      cwd: folder,
      env: wrong,
    })
    expect(code).toBe(1)
    expect(stdout.match(/trying again/g)).toHaveLength(3)
    expect(stderr).toContain('looking for the bucket')
  }, 120_000)
})
