export { commands } from './commands.ts'
export { dispatch, type Request } from './dispatch.ts'
export { exitCodeOf, type Interrupt, listenForInterrupt } from './interrupt.ts'
export { type Io, processIo } from './io.ts'
