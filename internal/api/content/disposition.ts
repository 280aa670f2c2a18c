/**
 * A Content-Disposition that makes browsers save the file under this name (RFC 6266): `filename*` carries it in UTF-8,
 * `filename` something close in ASCII for clients from before.
 */
export function attachment(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_')
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

/** The name in a Content-Disposition header, if there is one that can be read. */
export function nameFromDisposition(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const extended = /;\s*filename\*\s*=\s*UTF-8'[^']*'([^;\s]+)/i.exec(header)?.[1]
  if (extended !== undefined) return decode(extended)
  const [, quoted, token] = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header) ?? []
  // Node reads header bytes as Latin-1; clients send UTF-8.
  const raw = quoted?.replace(/\\(.)/g, '$1') ?? token
  return raw === undefined ? undefined : Buffer.from(raw, 'latin1').toString('utf8')
}

function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
