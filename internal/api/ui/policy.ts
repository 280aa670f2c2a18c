/**
 * The Content-Security-Policy of the web interface: code and styles from this service's own files alone, nothing inline,
 * no frame around it. Uploads go to `storeOrigin`, where signed URLs point; pictures that are not uploaded yet are blobs.
 */
export function pagePolicy(storeOrigin: string | undefined): string {
  const own = ["'self'", ...(storeOrigin === undefined ? [] : [storeOrigin])].join(' ')
  return Object.entries({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'font-src': "'self'",
    'manifest-src': "'self'",
    'img-src': `${own} blob: data:`,
    'connect-src': own,
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  })
    .map((directive) => directive.join(' '))
    .join('; ')
}
