export { chunkCostMs, cutIntoChunks, type PredictedObject } from './cut.ts'
export { createFilter, type SourceFilter, sourceFilterSchema, type Verdict } from './filter.ts'
export { type DoneBefore, type PlanPrefix, type PlanSink, planPrefix } from './planner.ts'
export { type ReadRules, readRulesSchema } from './read-rules.ts'
