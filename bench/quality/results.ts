import type { EstimateError } from './error.ts'
import type { Overhead } from './overhead.ts'
import type { Spread } from './spread.ts'

/** What results.json holds. */
export interface QualityResults {
  machine: { cpu: string; cores: number; node: string; sharp: string; libvips: string }
  images: { large: number; small: number }
  codecs: Record<string, CodecResults>
}

export interface CodecResults {
  targets: Record<string, TargetResults>
  /** Of predictions from probes, and of measurements of finished outputs, where the true score is 50-95. */
  predicted: EstimateError
  measured: EstimateError
  /** For target 75, on the large images. */
  overhead: Overhead
}

export interface TargetResults {
  all: Spread
  large: Spread
  /** Encodes of the sample per image. */
  probes: number
  /** True score of each image at the quality found. */
  scores: Record<string, number>
}
