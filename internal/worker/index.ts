export type { SourceStore } from './chunk/index.ts'
export type { Control, Work } from './control.ts'
export { type HttpControl, type HttpControlOptions, startHttpControl } from './http-control.ts'
export { startWorker, type Worker, type WorkerOptions } from './worker.ts'
