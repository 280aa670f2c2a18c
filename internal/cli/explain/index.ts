export { explain } from './main.ts'
