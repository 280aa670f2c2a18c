import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import {
  measureScore,
  openSample,
  type QualityCodec,
  searchSample,
} from '../../internal/codec/quality/index.ts'
import { type CorpusImage, corpusFolder, decode, listCorpus } from './corpus.ts'
import { curveQualities, encodeAndScore } from './curves.ts'
import { type Estimate, errorOf } from './error.ts'
import { type Metric, startMetric } from './metric.ts'
import { measureOverhead } from './overhead.ts'
import { printReport } from './report.ts'
import type { CodecResults, QualityResults } from './results.ts'
import { type ImageCurve, type Outcome, spreadOf } from './spread.ts'

/**
 * How good the quality search is, against the real SSIMULACRA2 of whole images:
 *
 *     node bench/quality/run.ts            (or: npm run bench -- quality)
 *
 * Needs Rust's cargo, which builds the metric once into ~/.cache/kompressor, and photographs in KOMPRESSOR_CORPUS.
 * The first run takes half an hour on two cores, nearly all of it for the metric; later ones remember its scores.
 */
export interface QualityBenchOptions {
  /** Folder with `kodak` and `photos`; KOMPRESSOR_CORPUS when absent. */
  corpus?: string
  /** Where the JSON goes; results.json beside this file when absent. */
  output?: string
  /** How often the CPU of every large image is measured. */
  rounds?: number
}

const codecs: QualityCodec[] = ['mozjpeg', 'webp', 'avif']
const targets = [65, 75, 85]

interface ImageResults {
  image: CorpusImage
  curve: ImageCurve
  /** By target. */
  outcomes: (Outcome & { probes: number })[]
  predicted: Estimate[]
  measured: Estimate[]
}

export async function run(options: QualityBenchOptions = {}): Promise<QualityResults> {
  // As in a worker: one thread an image, nothing remembered between images.
  sharp.concurrency(1)
  sharp.cache(false)
  const images = listCorpus(options.corpus ?? corpusFolder())
  const metric = await startMetric()
  const results: QualityResults = {
    machine: machine(),
    images: {
      large: images.filter(({ size }) => size === 'large').length,
      small: images.filter(({ size }) => size === 'small').length,
    },
    codecs: {},
  }
  try {
    for (const codec of codecs) {
      results.codecs[codec] = await judge(metric, images, codec, options.rounds ?? 3)
    }
  } finally {
    await metric.close()
  }
  const output = options.output ?? join(import.meta.dirname, 'results.json')
  writeFileSync(output, `${JSON.stringify(results, null, 2)}\n`)
  printReport(results)
  return results
}

async function judge(
  metric: Metric,
  images: readonly CorpusImage[],
  codec: QualityCodec,
  rounds: number,
): Promise<CodecResults> {
  const judged: ImageResults[] = []
  for (const image of images) {
    judged.push(await judgeImage(metric, image, codec))
    process.stderr.write(`\r${codec}: ${judged.length} of ${images.length} images`)
  }
  process.stderr.write('\n')
  const large = judged.filter(({ image }) => image.size === 'large')
  const spread = (of: readonly ImageResults[], index: number) =>
    spreadOf(
      of.map(({ curve }) => curve),
      of.flatMap(({ outcomes }) => outcomes[index] ?? []),
    )
  const pixels = await Promise.all(large.map(({ image }) => decode(image.path)))
  return {
    targets: Object.fromEntries(
      targets.map((target, i) => [
        target,
        {
          all: spread(judged, i),
          large: spread(large, i),
          probes: judged.reduce((sum, { outcomes }) => sum + (outcomes[i]?.probes ?? 0), 0) / judged.length,
          scores: Object.fromEntries(
            judged.map(({ image, outcomes }) => [image.name, outcomes[i]?.score ?? Number.NaN]),
          ),
        },
      ]),
    ),
    predicted: errorOf(judged.flatMap(({ predicted }) => predicted)),
    measured: errorOf(judged.flatMap(({ measured }) => measured)),
    overhead: await measureOverhead(pixels, codec, 75, rounds),
  }
}

async function judgeImage(metric: Metric, image: CorpusImage, codec: QualityCodec): Promise<ImageResults> {
  const pixels = await decode(image.path)
  const sample = openSample({ pixels, codec })
  const curve: ImageCurve = { qualities: [], scores: [], bytes: [] }
  const predicted: Estimate[] = []
  const measured: Estimate[] = []
  for (const quality of curveQualities[codec]) {
    const { score, bytes, decoded } = await encodeAndScore(metric, pixels, codec, quality)
    curve.qualities.push(quality)
    curve.scores.push(score)
    curve.bytes.push(bytes)
    predicted.push({ estimate: await sample.predict(quality), truth: score })
    measured.push({ estimate: measureScore({ reference: pixels, candidate: decoded, codec }), truth: score })
  }
  const outcomes = []
  for (const target of targets) {
    const found = await searchSample(openSample({ pixels, codec }), codec, target)
    const { score, bytes } = await encodeAndScore(metric, pixels, codec, found.quality)
    outcomes.push({ quality: found.quality, score, bytes, probes: found.probes })
  }
  return { image, curve, outcomes, predicted, measured }
}

function machine(): QualityResults['machine'] {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    sharp: sharp.versions.sharp ?? 'unknown',
    libvips: sharp.versions.vips,
  }
}

if (import.meta.main) await run()
