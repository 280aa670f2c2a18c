/**
 * Where to send what a signed URL is for. A URL the service signed for itself carries the name it knows itself by
 * (`127.0.0.1`), which may not be the one the page was opened with (`localhost`, a forwarded port): to the browser that
 * would be somebody else. Its signature covers the path, so it is asked for at the address of the page. URLs of other
 * stores stay as they are.
 */
export function ownUrl(signed: string): string {
  const { pathname, search, searchParams } = new URL(signed)
  return pathname.startsWith('/objects/') && searchParams.has('signature') ? `${pathname}${search}` : signed
}
