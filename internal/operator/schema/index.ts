export {
  type Compression,
  type CompressionJobSpec,
  type Condition,
  type ConditionType,
  compressionJobSchema,
  group,
  kind,
  maxNameLength,
  plural,
  type Status,
  version,
} from './compression-job.ts'
export type { Rule } from './rules.ts'
export { specSchema } from './spec.ts'
export { conditionTypes, statusSchema } from './status.ts'
