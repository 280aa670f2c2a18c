import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import sharp from 'sharp'
import { z } from 'zod'

/**
 * The design Kompressor replaces, written as its authors would have wanted it: a consumer that takes one message at a
 * time, downloads the image, compresses it with sharp as it comes, uploads the result, updates the row and commits. Any
 * number of these share a topic. The quality and the encoder are those of the other side, so that the images are as well.
 */
const settings = z
  .object({
    BENCH_BROKERS: z.string(),
    BENCH_TOPIC: z.string(),
    BENCH_BUCKET: z.string(),
    BENCH_DATABASE_URL: z.string(),
    BENCH_S3_ENDPOINT: z.string(),
    BENCH_QUALITY: z.coerce.number(),
  })
  .parse(process.env)
const messageSchema = z.object({ id: z.string(), key: z.string() })

const objects = new S3Client({ endpoint: settings.BENCH_S3_ENDPOINT, forcePathStyle: true })
const database = new pg.Pool({ connectionString: settings.BENCH_DATABASE_URL, max: 2 })
const kafka = new Kafka({ brokers: settings.BENCH_BROKERS.split(','), logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: settings.BENCH_TOPIC, maxWaitTimeInMs: 100 })

await consumer.connect()
await consumer.subscribe({ topic: settings.BENCH_TOPIC, fromBeginning: true })
consumer.on(consumer.events.CRASH, () => process.exit(1))
consumer.on(consumer.events.GROUP_JOIN, () => process.stdout.write('ready\n'))
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ topic, partition, message }) => {
    const { id, key } = messageSchema.parse(JSON.parse(String(message.value)))
    const Bucket = settings.BENCH_BUCKET
    const { Body } = await objects.send(new GetObjectCommand({ Bucket, Key: key }))
    const input = Buffer.from((await Body?.transformToByteArray()) ?? [])
    const output = await sharp(input)
      .autoOrient()
      .jpeg({ quality: settings.BENCH_QUALITY, mozjpeg: true })
      .toBuffer()
    await objects.send(new PutObjectCommand({ Bucket, Key: `reference/${id}`, Body: output }))
    await database.query("update reference set state = 'completed', bytes = $2 where id = $1", [
      id,
      output.length,
    ])
    await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(message.offset) + 1n) }])
  },
})
