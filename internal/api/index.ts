export { type Api, createApi } from './api.ts'
export type { ApiDeps, ApiLimits, UnknownFile } from './deps.ts'
export { openApiDocument } from './document.ts'
