export { job } from './main.ts'
