import type { Coefficients, TypicalCurve } from '../../internal/codec/quality/index.ts'

/** Everything a fit finds; the keys are codecs, and `any` for outputs of unknown ones. */
export interface Fitted {
  probe: Record<string, Coefficients>
  output: Record<string, Coefficients>
  curves: Record<string, TypicalCurve>
}

/** The source of internal/codec/quality/fitted.ts, not yet formatted. */
export function fittedSource({ probe, output, curves }: Fitted): string {
  return `// Written by \`node bench/quality/fit.ts --write\`: fit again when sharp or libvips change, do not edit.
import type { Coefficients, QualityCodec, TypicalCurve } from './types.ts'

/** For probes of each codec; what they predict is the score of the whole image, encoded by the final encoder. */
export const probeCoefficients: Record<QualityCodec, Coefficients> = {
${coefficients(probe)}
}

/** For finished outputs, compared as they are. */
export const outputCoefficients: Record<QualityCodec | 'any', Coefficients> = {
${coefficients(output)}
}

/**
 * Every codec's curve has nearly the same shape on all photographs, moved up or down: knowing it, one probe tells
 * where the target is. Averages over the corpus.
 */
export const typicalCurves: Record<QualityCodec, TypicalCurve> = {
${Object.entries(curves)
  .map(
    ([codec, { lowest, scores }]) =>
      `${codec}: { lowest: ${lowest}, scores: [${scores.map((score) => Number(score.toFixed(2))).join(', ')}] },`,
  )
  .join('\n')}
}
`
}

function coefficients(fitted: Record<string, Coefficients>): string {
  return Object.entries(fitted)
    .map(
      ([codec, { weights, constant }]) =>
        `${codec}: { weights: [${weights.map(rounded).join(', ')}], constant: ${rounded(constant)} },`,
    )
    .join('\n')
}

/** Five digits are more than the fit knows. */
function rounded(value: number): number {
  return Number(value.toPrecision(5))
}
