export { type StandaloneDeps, startStandalone } from './standalone.ts'
