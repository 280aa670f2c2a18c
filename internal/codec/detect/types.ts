/** Image formats this engine decodes and writes. */
export const imageFormatNames = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const
export type ImageFormatName = (typeof imageFormatNames)[number]

/** What a file is, from its content alone. */
export type Detected =
  | { class: 'image'; format: ImageFormatName; type: string }
  /** A known image that cannot be decoded here, or not without losing part of it (frames, HDR). */
  | { class: 'unsupported_image'; type: string; what: string }
  | { class: 'data' }

export const mediaTypes: Record<ImageFormatName, string> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  tiff: 'image/tiff',
}
