export { ApiError, isConflict, isGone, isNotFound, NoAnswerError } from './api-error.ts'
export { type BackoffPolicy, backoffMs } from './backoff.ts'
export { type Client, createClient, type Manifest } from './client.ts'
export { type ConfigChoice, currentNamespace, type KubeConfig, loadKubeConfig } from './config.ts'
export { type Controller, type ControllerOptions, type Reconciled, startController } from './controller.ts'
export { createEventRecorder, type EventRecorder } from './event-recorder.ts'
export { type LeaderOptions, runForLeader } from './leader.ts'
export { type Reflector, type ReflectorOptions, startReflector } from './reflector.ts'
export type { Change } from './reflector-state.ts'
export {
  defineResource,
  type KubeObject,
  keyOf,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  pathOf,
  type Resource,
  refOf,
} from './resource.ts'
export { createTransport, type RequestObserver, type Transport } from './transport.ts'
