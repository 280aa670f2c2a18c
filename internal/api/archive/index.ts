export { archiveRoutes, getArchiveRoute } from './archive.ts'
