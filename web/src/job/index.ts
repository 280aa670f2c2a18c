export { type History, historyOf, type Told, told } from './history.ts'
export { isStale, type JobState, progressOf, stateOf, toneOf, words } from './state.ts'
