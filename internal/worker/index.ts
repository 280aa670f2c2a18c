export type { Control } from './control.ts'
export { startWorker, type Worker, type WorkerOptions } from './worker.ts'
