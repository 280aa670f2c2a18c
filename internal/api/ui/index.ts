export { serveUi, wantsPage } from './serve.ts'
