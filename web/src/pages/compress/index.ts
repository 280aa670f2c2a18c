export { CompressPage } from './compress-page.tsx'
