import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

/**
 * Bare sharp as a careful programmer would use it: one process a core, one image at a time, upright, written to disk.
 * Usage: node reference.ts INPUTS OUTPUTS SHARD SHARDS FORMAT QUALITY. Starts when told to on standard input, and says at
 * the end how many seconds of CPU the images took.
 */
const [inputs = '', outputs = '', shard = '0', shards = '1', format = '', quality = ''] =
  process.argv.slice(2)

sharp.concurrency(1)
sharp.cache(false)
const names = (await readdir(inputs)).sort().filter((_, i) => i % Number(shards) === Number(shard))
process.stdout.write('ready\n')
process.stdin.once('data', async () => {
  const before = process.cpuUsage()
  for (const name of names) {
    const image = sharp(join(inputs, name)).autoOrient()
    const encoded =
      format === 'JPEG'
        ? image.jpeg({ quality: Number(quality), mozjpeg: true })
        : image.webp({ quality: Number(quality), effort: 4 })
    await encoded.toFile(join(outputs, name))
  }
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(`${(user + system) / 1e6}\n`, () => process.exit(0))
})
