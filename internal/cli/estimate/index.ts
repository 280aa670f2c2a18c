export { runEstimate } from './main.ts'
