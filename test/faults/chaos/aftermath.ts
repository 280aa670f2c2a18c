import { setTimeout as delay } from 'node:timers/promises'
import { ListMultipartUploadsCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import pg from 'pg'
import { z } from 'zod'
import { type Broker, createKafkaBroker } from '../../../internal/broker/index.ts'
import type { ApiFile } from '../../crash/client.ts'
import { wantedKeys } from '../../crash/wanted-keys.ts'
import { bucket, type World } from './world.ts'

/** Work that is given out while Kafka has nothing left for so long is lost, milliseconds. */
const stuckMs = 15_000
/** How long what is told to end, or to be deleted, may take, milliseconds. */
const patienceMs = 120_000

/**
 * Waits while something is open. Says what is wrong when it never will end: tasks are given out, and neither a worker
 * nor a projector has anything left to do. (The sweeper would give them out again after a minute, which is not how work
 * should be kept.)
 */
export async function untilEnded(
  { kafka, postgres }: World,
  isOpen: () => Promise<boolean>,
  giveUp: AbortSignal,
): Promise<string | undefined> {
  const broker = createKafkaBroker({ brokers: [kafka.brokers], clientId: 'watch' })
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 })
  let idleSince: number | undefined
  try {
    while (await isOpen()) {
      const { rows } = await pool.query("select count(*)::int as count from tasks where state = 'released'")
      const released = countSchema.parse(rows[0]).count
      const isIdle = released > 0 && (await lagOf(broker)) === 0
      idleSince = isIdle ? (idleSince ?? performance.now()) : undefined
      if (idleSince !== undefined && performance.now() - idleSince > stuckMs) {
        return `${released} files are given out and nobody has them`
      }
      await delay(200, undefined, { signal: giveUp })
    }
    return undefined
  } finally {
    await Promise.all([broker.close(), pool.end()])
  }
}

const countSchema = z.object({ count: z.number() })

/** What is left when every file has ended and a sweeper has been by that takes what is a second old for an orphan. */
export async function lookAround(world: World, files: readonly ApiFile[], giveUp: AbortSignal) {
  const wanted = wantedKeys(files).size
  const broker = createKafkaBroker({ brokers: [world.kafka.brokers], clientId: 'watch' })
  const patience = AbortSignal.any([giveUp, AbortSignal.timeout(patienceMs)])
  await world.cluster.startApi(['--roles', 'sweeper', '--orphan-age', '1s'])
  try {
    for (;;) {
      const left = {
        keys: await listKeys(world),
        uploads: await openUploads(world),
        lag: await lagOf(broker),
      }
      const isClean = left.keys.length <= wanted && left.uploads.length === 0 && left.lag === 0
      if (isClean || patience.aborted) return left
      await delay(500)
    }
  } finally {
    await broker.close()
  }
}

async function lagOf(broker: Broker): Promise<number> {
  const lags = await Promise.all([
    broker.lag('kompressor-workers', 'file-compression'),
    broker.lag('kompressor-projector', 'file-status-updates'),
  ])
  return lags.flat().reduce((sum, { lag }) => sum + lag, 0)
}

async function listKeys({ direct }: World): Promise<string[]> {
  const keys: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2({ client: direct }, { Bucket: bucket })) {
    for (const { Key } of Contents) if (Key !== undefined) keys.push(Key)
  }
  return keys
}

/** Keys of uploads in parts that were neither completed nor given up. */
async function openUploads({ direct }: World): Promise<string[]> {
  const { Uploads = [] } = await direct.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  return Uploads.flatMap(({ Key }) => (Key === undefined ? [] : [Key]))
}
