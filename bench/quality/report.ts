import type { QualityResults } from './results.ts'
import type { Spread } from './spread.ts'

/** Prints the results as tables for people; results.json has everything. */
export function printReport({ machine, images, codecs }: QualityResults): void {
  const lines = [
    '',
    `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, sharp ${machine.sharp}, libvips ${machine.libvips}`,
    `${images.large} large and ${images.small} small photographs`,
    '',
    '| final | target | images | score mean | SD | lowest decile | fixed q | its SD | bytes | same mean | probes |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ]
  for (const [codec, { targets }] of Object.entries(codecs)) {
    for (const [target, { all, large, probes }] of Object.entries(targets)) {
      lines.push(
        spreadLine(codec, target, 'all', all, probes),
        spreadLine(codec, target, 'large', large, probes),
      )
    }
  }
  lines.push(
    '',
    '| final | predicted: bias | RMSE | 90 % within | all within | Spearman | measured: bias | RMSE | 90 % within | all within | Spearman |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  )
  for (const [codec, { predicted, measured }] of Object.entries(codecs)) {
    const of = [predicted, measured].flatMap((error) => [
      error.bias.toFixed(2),
      error.rmse.toFixed(2),
      error.ninetyPercent.toFixed(2),
      error.worst.toFixed(2),
      error.spearman.toFixed(3),
    ])
    lines.push(`| ${[codec, ...of].join(' | ')} |`)
  }
  lines.push(
    '',
    '| final | CPU of the encode, ms | of the search, ms | share | quartiles |',
    '| --- | --- | --- | --- | --- |',
  )
  for (const [codec, { overhead }] of Object.entries(codecs)) {
    const { encodeMs, searchMs, share, lowerQuartile, upperQuartile } = overhead
    const cells = [codec, encodeMs.toFixed(0), searchMs.toFixed(0), percent(share)]
    lines.push(`| ${cells.join(' | ')} | ${percent(lowerQuartile)} - ${percent(upperQuartile)} |`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

function spreadLine(codec: string, target: string, set: string, spread: Spread, probes: number): string {
  const cells = [
    codec,
    target,
    set,
    spread.scoreMean.toFixed(1),
    spread.scoreDeviation.toFixed(2),
    spread.lowestDecile.toFixed(1),
    spread.fixedQuality.toFixed(1),
    spread.fixedDeviation.toFixed(2),
    percent(spread.bytesAgainstFixed),
    percent(spread.bytesAgainstSameMean),
    probes.toFixed(2),
  ]
  return `| ${cells.join(' | ')} |`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
