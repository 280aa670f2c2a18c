import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'
import type { Artifact } from './artifact.ts'

type Encoding = NonNullable<Artifact['encoding']>

/** Decoders of content encodings. */
export const decoders = {
  zstd: createZstdDecompress,
  br: createBrotliDecompress,
  gzip: createGunzip,
} as const satisfies Record<Encoding, unknown>

/** Whether an Accept-Encoding header takes an encoding. Clients that say nothing get plain bytes: few of them decode. */
export function accepts(header: string | undefined, encoding: Encoding): boolean {
  const offers = (header ?? '').split(',').map((offer) => {
    const [name = '', ...parameters] = offer.split(';').map((part) => part.trim().toLowerCase())
    return { name, refused: parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) }
  })
  const offer = offers.find(({ name }) => name === encoding) ?? offers.find(({ name }) => name === '*')
  return offer !== undefined && !offer.refused
}
