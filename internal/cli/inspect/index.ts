export { inspect } from './main.ts'
