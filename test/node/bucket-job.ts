import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Installation } from './installation.ts'

const exampleSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    source: z.object({ s3: z.looseObject({ bucket: z.string() }) }),
    output: z.object({ s3: z.looseObject({ bucket: z.string() }) }),
  }),
})

/** The example of a job over a bucket, on the store and with the credentials of the tests, and its two buckets. */
export async function bucketExample({ kubectl, servers: { s3 } }: Installation, namespace: string) {
  const file = path.join(import.meta.dirname, '../../deploy/examples/bucket.yaml')
  const example = exampleSchema.parse(parse(await readFile(file, 'utf8')))
  const { source, output } = example.spec
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_REGION = '' } = s3.environment
  const secret = 'bucket-keys'
  await kubectl(
    ...['create', 'secret', 'generic', secret, '--namespace', namespace],
    ...[`--from-literal=AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID}`],
    ...[`--from-literal=AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}`],
  )
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: AWS_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  })
  for (const { bucket } of [source.s3, output.s3]) {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
  }
  const place = { endpoint: s3.endpoint, region: AWS_REGION, credentialsSecretRef: { name: secret } }
  return {
    manifest: {
      ...example,
      metadata: { ...example.metadata, namespace },
      spec: {
        ...example.spec,
        source: { s3: { ...source.s3, ...place } },
        output: { s3: { ...output.s3, ...place } },
        scaling: { maxReplicas: 2 },
        worker: {
          slots: 1,
          resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '1', memory: '1Gi' } },
        },
      },
    },
    put: (key: string, bytes: Buffer) =>
      client.send(new PutObjectCommand({ Bucket: source.s3.bucket, Key: key, Body: bytes })),
    /** Keys of the output and their sizes. */
    async outputs(): Promise<Map<string, number>> {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: output.s3.bucket }))
      return new Map(Contents.map(({ Key = '', Size = 0 }) => [Key, Size]))
    },
    close: () => client.destroy(),
  }
}
