export {
  holds,
  judge,
  playTrace,
  type Result,
  type TraceResults,
  together,
  type Verdict,
} from './compare.ts'
export { type Contenders, contenders } from './contenders.ts'
export { atCost, front, type Mixture, type Point } from './pareto.ts'
export { type KedaSettings, kedaDefaults, startKeda } from './policies/keda.ts'
export { type Policy, tickSeconds, type View } from './policy.ts'
export { type Random, randomOf } from './random.ts'
export { traceNames } from './traces.ts'
export { ordinaryWorld, type World } from './world.ts'
