export { signUploads, type Uploadable, uploadsPage, uploadsPerPage, uploadsScope } from './page.ts'
export { type Upload, uploadSchema } from './schema.ts'
export { signedObjectRoutes } from './signed.ts'
