export { type DataDir, openDataDir } from './data-dir.ts'
export { type StandaloneDeps, startStandalone } from './standalone.ts'
