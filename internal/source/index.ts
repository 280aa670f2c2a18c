export { chunkCostMs, cutIntoChunks, type PredictedObject } from './cut.ts'
export { createFilter, type SourceFilter, sourceFilterSchema, type Verdict } from './filter.ts'
export {
  type CsvRules,
  createWebSource,
} from './list/index.ts'
export { type PlanSource, planSource } from './plan-source.ts'
export { type DoneBefore, type PlanPrefix, type PlanSink, planPrefix } from './planner.ts'
export { type ReadRules, readRulesSchema } from './read-rules.ts'
