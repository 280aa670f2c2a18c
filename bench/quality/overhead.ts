import { findQuality, type QualityCodec, type RgbPixels } from '../../internal/codec/quality/index.ts'
import { finalEncode } from './curves.ts'
import { mean, quantile } from './statistics.ts'

export interface Overhead {
  /** CPU milliseconds of the process per image: the one encode, and the search before it. */
  encodeMs: number
  searchMs: number
  /** Their ratio over all images, and its quartiles over the rounds of single images. */
  share: number
  lowerQuartile: number
  upperQuartile: number
}

/** CPU of the search beside the one encode it is for, in turns, so that a busy machine slows both alike. */
export async function measureOverhead(
  images: readonly RgbPixels[],
  codec: QualityCodec,
  target: number,
  rounds: number,
): Promise<Overhead> {
  const encodes: number[] = []
  const searches: number[] = []
  // The first round warms the compiler up and is not counted: a worker lives for many files.
  for (let round = 0; round <= rounds; round++) {
    for (const pixels of images) {
      const { quality } = await findQuality({ pixels, codec, target })
      const encode = () => cpuOf(() => finalEncode(pixels, codec, quality))
      const search = () => cpuOf(() => findQuality({ pixels, codec, target }))
      const [first, second] = round % 2 === 0 ? [encode, search] : [search, encode]
      const times = [await first(), await second()]
      if (round % 2 !== 0) times.reverse()
      if (round === 0) continue
      encodes.push(times[0] ?? 0)
      searches.push(times[1] ?? 0)
    }
  }
  const shares = searches.map((ms, i) => ms / (encodes[i] ?? 1))
  return {
    encodeMs: mean(encodes),
    searchMs: mean(searches),
    share: mean(searches) / mean(encodes),
    lowerQuartile: quantile(shares, 0.25),
    upperQuartile: quantile(shares, 0.75),
  }
}

/** User and system milliseconds of all threads of this process; sharp encodes in it. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
