/** What somebody sees who opens the address with curl; browsers get the web interface. */
export function landing(url: string): string {
  return `Kompressor makes files smaller: images and data, never worse than asked, never bigger.

Compress a file and wait for the result:

  curl -F file=@photo.jpg -H 'Prefer: wait=30' '${url}/v1/files?format=WebP'

Then download it from the url in the answer.

  ${url}/                  the web interface, in a browser
  ${url}/v1/openapi.json   the API
  ${url}/v1/batches        what was submitted
  ${url}/v1/failures       what failed and why
  ${url}/readyz            whether all is well
`
}
