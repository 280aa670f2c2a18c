/** Query parameters that let their holder in: the file store's and S3's signatures, tokens and keys. */
const secretParameters =
  /([?&](?:x-amz-(?:signature|credential|security-token)|signature|sig|token|api[-_]?key)=)[^&\s"'#]+/gi
const credentialsInUrl = /(\/\/)[^/\s"'@]+@/g

/** The text with the secrets of every URL in it replaced by `***`. */
export function redactUrls(text: string): string {
  return text.replace(secretParameters, '$1***').replace(credentialsInUrl, '$1***@')
}
