export { detect, detectFrom } from './detect.ts'
export { type PngChunk, pngChunks } from './png.ts'
export { type FileReader, withReader } from './reader.ts'
export { type Detected, type ImageFormatName, imageFormatNames, mediaTypes } from './types.ts'
