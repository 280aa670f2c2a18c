export {
  type ApiConfig,
  api,
  migrate,
  token,
  type WorkerConfig,
  worker,
  workerNodeOptions,
} from './cluster.ts'
export { type Command, defineCommand, type Positionals } from './command.ts'
export { configurationReference, helpText } from './help.ts'
export {
  type EraserConfig,
  eraser,
  type PlannerConfig,
  planner,
  type ReportConfig,
  replicasIn,
  report,
} from './job-pods.ts'
export { type KafkaConnectionConfig, readKafkaConnection } from './kafka.ts'
export { asksForHelp, type Environment, type Loaded, loadConfig } from './load.ts'
export { type OperatorConfig, operator } from './operator.ts'
export {
  type ConfigOf,
  defineOptions,
  flag,
  type Option,
  type Options,
  option,
  optional,
  repeated,
  required,
} from './option.ts'
export {
  compressionOptions,
  dataOptions,
  deliveryOptions,
  listenOptions,
  logOptions,
  type StandaloneConfig,
  standalone,
} from './standalone.ts'
export { suggest } from './suggest.ts'
export {
  bucketUrl,
  duration,
  integer,
  jobName,
  listOf,
  oneOf,
  path,
  pixels,
  postgresUrl,
  secret,
  size,
  text,
  toggle,
  url,
  type ValueType,
} from './value.ts'
