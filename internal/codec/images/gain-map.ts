import { readFile } from 'node:fs/promises'

/** How gain maps announce themselves: Apple, Adobe and Ultra HDR, ISO 21496-1. */
const signatures = [
  'urn:com:apple:photo:2020:aux:hdrgainmap',
  'http://ns.adobe.com/hdr-gain-map/',
  'urn:iso:std:iso:ts:21496',
].map((text) => Buffer.from(text, 'latin1'))

/**
 * Whether a multi-picture JPEG names a gain map anywhere. For files in which the decoder finds none: some of Apple's
 * it does not know, and compressing the base image alone would turn HDR into SDR without a word.
 */
export async function findGainMap(path: string): Promise<boolean> {
  const file = await readFile(path)
  return signatures.some((signature) => file.includes(signature))
}
