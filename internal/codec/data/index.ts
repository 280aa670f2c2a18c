export { compressData } from './compress-data.ts'
export { sniffData } from './sniff.ts'
