export { type Circumstances, estimate, type Looked } from './estimate.ts'
export { type Candidate, Frame, type Listed } from './frame.ts'
export { planSample, type Stratum } from './plan.ts'
export { listPrices, type Prices } from './prices.ts'
export {
  type Estimate,
  type Example,
  estimateSchema,
  type Group,
  type Interval,
  type Money,
} from './schema.ts'
export { durationText, type EstimateSummary, estimateSummarySchema, summaryOf } from './summary.ts'
