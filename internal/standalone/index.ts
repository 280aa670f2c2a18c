export { type Standalone, type StandaloneDeps, startStandalone } from './standalone.ts'
