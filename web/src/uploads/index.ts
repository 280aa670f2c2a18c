export { UploadsProvider, useUploads } from './context.ts'
export type { UploadItem, UploadPhase } from './item.ts'
export { createTransfer, type Transfer } from './transfer.ts'
export { type NewUpload, Uploads, type UploadTotals } from './uploads.ts'
