import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import {
  type Coefficients,
  distanceOf,
  measureFeatures,
  openSample,
  outputCoefficients,
  probeCoefficients,
  type QualityCodec,
  scoreAt,
  type TypicalCurve,
} from '../../internal/codec/quality/index.ts'
import { corpusFolder, decode, listCorpus } from './corpus.ts'
import { curveQualities, encodeAndScore } from './curves.ts'
import { errorOf } from './error.ts'
import { crossValidate, type FitRow, fitCoefficients } from './fit-coefficients.ts'
import { type Fitted, fittedSource } from './fitted-source.ts'
import { type KnownImage, searchHeldOut } from './held-out.ts'
import { type Metric, startMetric } from './metric.ts'
import { type ImageCurve, spreadOf } from './spread.ts'
import { mean } from './statistics.ts'

/**
 * Fits the model to the photographs of the corpus, and says how far off it is on images it was not fitted to:
 *
 *     node bench/quality/fit.ts            reports
 *     node bench/quality/fit.ts --write    also replaces internal/codec/quality/fitted.ts
 *
 * The coefficients now in use are the prior: a few dozen images correct them, they do not replace them.
 */
const codecs: QualityCodec[] = ['mozjpeg', 'jpeg', 'webp', 'avif']

/** Images of one fold are judged by a fit to the others. */
const folds = 7

/**
 * Qualities of the typical curves: every one, because quantisers are whole numbers and the curves have steps that all
 * images share. At 100 AVIF is lossless.
 */
const lowestQuality = 20
const knots = Array.from({ length: 80 }, (_, i) => lowestQuality + i)

interface CodecData {
  probes: FitRow[]
  outputs: FitRow[]
  images: KnownImage[]
}

async function fitAll(): Promise<void> {
  sharp.concurrency(1)
  sharp.cache(false)
  const metric = await startMetric()
  const fitted: Fitted = { probe: {}, output: {}, curves: {} }
  const outputs: FitRow[] = []
  try {
    for (const codec of codecs) {
      const data = await collect(metric, codec)
      outputs.push(...data.outputs)
      const coefficients = report(`${codec}, probes`, data.probes, probeCoefficients[codec])
      fitted.probe[codec] = coefficients
      fitted.output[codec] = report(`${codec}, outputs`, data.outputs, outputCoefficients[codec])
      fitted.curves[codec] = typicalCurve(data.images, coefficients)
      await reportHeldOut(codec, data)
    }
    fitted.output.any = report('any outputs', outputs, outputCoefficients.any)
  } finally {
    await metric.close()
  }
  if (process.argv.includes('--write')) write(fitted)
}

async function collect(metric: Metric, codec: QualityCodec): Promise<CodecData> {
  const data: CodecData = { probes: [], outputs: [], images: [] }
  for (const { name: image, path } of listCorpus(corpusFolder())) {
    const pixels = await decode(path)
    const sample = openSample({ pixels, codec })
    const curve: ImageCurve = { qualities: [], scores: [], bytes: [] }
    for (const quality of curveQualities[codec]) {
      const { score: truth, bytes, decoded } = await encodeAndScore(metric, pixels, codec, quality)
      curve.qualities.push(quality)
      curve.scores.push(truth)
      curve.bytes.push(bytes)
      const measured = measureFeatures({ reference: pixels, candidate: decoded })
      data.probes.push({ image, features: await sample.features(quality), truth })
      data.outputs.push({ image, features: measured, truth })
    }
    const features = new Map<number, Float64Array>()
    for (const quality of knots) features.set(quality, await sample.features(quality))
    data.images.push({ image, curve, features })
  }
  return data
}

function report(label: string, rows: readonly FitRow[], prior: Coefficients): Coefficients {
  const { pairs, bias, rmse, ninetyPercent, worst, spearman } = errorOf(crossValidate(rows, prior, folds))
  process.stdout.write(
    `${label}: ${pairs} encodes of other images: bias ${bias.toFixed(2)}, RMSE ${rmse.toFixed(2)}, ` +
      `90 % within ${ninetyPercent.toFixed(2)}, all within ${worst.toFixed(2)}, Spearman ${spearman.toFixed(4)}\n`,
  )
  return fitCoefficients(rows, prior)
}

/** The search itself, for target 75, each image with coefficients that were fitted without it. */
async function reportHeldOut(codec: QualityCodec, { probes, images }: CodecData): Promise<void> {
  const outcomes = await searchHeldOut(codec, 75, probes, images, folds)
  const spread = spreadOf(
    images.map(({ curve }) => curve),
    outcomes,
  )
  process.stdout.write(
    `${codec}, search of other images: mean ${spread.scoreMean.toFixed(1)}, SD ${spread.scoreDeviation.toFixed(2)}, ` +
      `lowest decile ${spread.lowestDecile.toFixed(1)}, bytes ${(spread.bytesAgainstFixed * 100).toFixed(1)} %\n`,
  )
}

function typicalCurve(images: readonly KnownImage[], coefficients: Coefficients): TypicalCurve {
  // The search works on logarithms of distances, so these are averaged.
  const scores = knots.map((quality) => {
    const logs = images.map(({ features }) =>
      Math.log(distanceOf(features.get(quality) ?? new Float64Array(), coefficients)),
    )
    return scoreAt(Math.exp(mean(logs)))
  })
  // An encoder may do the same at neighbouring qualities; the search divides by differences.
  for (let k = 1; k < scores.length; k++) scores[k] = Math.max(scores[k] ?? 0, (scores[k - 1] ?? 0) + 0.01)
  return { lowest: lowestQuality, scores }
}

function write(fitted: Fitted): void {
  const root = join(import.meta.dirname, '../..')
  const file = join(root, 'internal/codec/quality/fitted.ts')
  writeFileSync(file, fittedSource(fitted))
  spawnSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', file], { stdio: 'inherit' })
}

await fitAll()
