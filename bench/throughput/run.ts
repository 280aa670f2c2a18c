import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fixtures } from '../../test/fixtures/index.ts'
import type { Service } from '../../test/support/service.ts'
import { throughSharp } from '../support/bare-sharp.ts'
import { BenchClient } from '../support/client.ts'
import { cpuSeconds } from '../support/process-stats.ts'
import type { BenchOptions, Row } from '../support/result.ts'
import { withService } from '../support/service.ts'
import { median } from '../support/statistics.ts'

interface Photo {
  name: string
  bytes: Buffer<ArrayBuffer>
}

const formats = [
  { format: 'JPEG', quality: 76, label: 'mozjpeg' },
  { format: 'WebP', quality: 78, label: 'WebP' },
] as const

/**
 * As telephones and cameras take them, and as web sites keep them, where what a file costs beside its pixels weighs more. A
 * minute each way is long enough once.
 */
const sizes = [
  { width: 4000, height: 3000, label: '12 MP', rounds: 1 },
  { width: 1600, height: 1200, label: '1.9 MP', rounds: 3 },
] as const

/** 100 photographs over HTTP until the last is done, against bare sharp in as many processes with the same encoder. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const slots = availableParallelism()
  return withService(
    async (service) => {
      // A service is up for days: its code is compiled by then, as that of sharp is from the start.
      const warmUp = await makePhotos({ width: 800, height: 600 }, short ? 10 : 200)
      await throughService(new BenchClient(service.url), warmUp, formats[0])
      const rows: Row[] = []
      for (const size of short ? sizes.slice(-1) : sizes) {
        const photos = await makePhotos(size, short ? 10 : 100)
        const inputs = await mkdtemp(join(tmpdir(), 'kompressor-reference-'))
        try {
          for (const { name, bytes } of photos) await writeFile(join(inputs, name), bytes)
          for (const encoder of formats) {
            const rounds = short ? 1 : size.rounds
            rows.push(
              await compare(service, { photos, label: size.label, inputs }, encoder, { slots, rounds }),
            )
          }
        } finally {
          await rm(inputs, { recursive: true, force: true })
        }
      }
      return rows
    },
    ['--slots', String(slots)],
  )
}

async function compare(
  service: Service,
  { photos, label, inputs }: { photos: Photo[]; label: string; inputs: string },
  encoder: (typeof formats)[number],
  { slots, rounds }: { slots: number; rounds: number },
): Promise<Row> {
  const client = new BenchClient(service.url)
  const ratios: number[] = []
  const cpuRatios: number[] = []
  const seconds: number[] = []
  for (let round = 0; round < rounds; round++) {
    const bare = await throughSharp(inputs, encoder, slots)
    const cpuBefore = cpuSeconds(service.pid)
    const ours = await throughService(client, photos, encoder)
    cpuRatios.push((cpuSeconds(service.pid) - cpuBefore) / bare.cpuSeconds)
    ratios.push(bare.seconds / ours)
    seconds.push(ours)
  }
  const ratio = median(ratios)
  const cpuRatio = median(cpuRatios)
  const perSecond = photos.length / median(seconds)
  return {
    what: `${photos.length} photographs of ${label} to ${encoder.label} over HTTP, throughput against bare sharp`,
    measured: `${ratio.toFixed(2)} (${perSecond.toFixed(1)} images/s, ${cpuRatio.toFixed(2)} times the CPU)`,
    values: { ratio, imagesPerSecond: perSecond, cpuRatio },
    bar: 'at least 0.90',
    met: ratio >= 0.9,
    // By CPU, which a busy machine stretches for both.
    holds: cpuRatio <= 4,
  }
}

async function makePhotos(
  { width, height }: { width: number; height: number },
  count: number,
): Promise<Photo[]> {
  const distinct: Buffer<ArrayBuffer>[] = []
  for (let seed = 0; seed < Math.min(count, 10); seed++) {
    distinct.push(Buffer.from(await fixtures.photo({ width, height, seed, format: 'jpeg' })))
  }
  return Array.from({ length: count }, (_, i) => ({
    name: `photo-${String(i).padStart(3, '0')}.jpg`,
    bytes: distinct[i % distinct.length] ?? Buffer.alloc(0),
  }))
}

/** Seconds from the first request to the last outcome. */
async function throughService(
  client: BenchClient,
  photos: readonly Photo[],
  { format, quality }: (typeof formats)[number],
): Promise<number> {
  const batchId = await client.createBatch({ images: { format, quality, minScore: 0 }, minSavingsPercent: 0 })
  const done = client.completion(batchId)
  const waiting = [...photos]
  const started = performance.now()
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await client.upload(batchId, next.name, next.bytes)
      }
    }),
  )
  await client.seal(batchId)
  await done
  return (performance.now() - started) / 1000
}
