const imageLabels: Record<string, string> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/avif': 'AVIF',
  'image/gif': 'GIF',
  'image/tiff': 'TIFF',
  'image/heic': 'HEIC',
  'image/heif': 'HEIF',
  'image/jxl': 'JPEG XL',
}

/** How the table names a media type. */
export function typeLabel(type: string | undefined): string {
  if (type === undefined) return 'unknown'
  const known = imageLabels[type]
  if (known !== undefined) return known
  return type.startsWith('image/') && type !== 'image/svg+xml' ? 'other images' : 'data'
}
