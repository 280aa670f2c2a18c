export { FailedPage } from './failed-page.tsx'
