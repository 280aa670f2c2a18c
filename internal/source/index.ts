export { chunkCostMs, cutIntoChunks, type PredictedObject } from './cut.ts'
export { createFilter, type SourceFilter, sourceFilterSchema, type Verdict } from './filter.ts'
export { type HttpSinkOptions, httpPlanSink } from './http-sink.ts'
export { type DoneBefore, type PlanPrefix, type PlanSink, planPrefix } from './planner.ts'
