export { type Assembled, assemble, type OnStop } from './assemble.ts'
export { listen } from './listen.ts'
export { patiently } from './patiently.ts'
export { type Component, supervise } from './supervise.ts'
