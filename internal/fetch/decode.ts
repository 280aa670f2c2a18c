import type { Duplex } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { KompressorError } from '../errors/index.ts'

const decoders: Readonly<Record<string, () => Duplex>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/** More of them are no file but an attempt to keep us busy. */
const mostCodings = 2

/** What undoes a Content-Encoding, first thing first. We ask for none; some servers send one all the same. */
export function decoderOf(url: URL, header: string | undefined): Duplex[] {
  const codings = (header ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (codings.length > mostCodings) throw unknown(url, codings.join(', '))
  return codings.reverse().map((coding) => {
    const create = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
    if (create === undefined) throw unknown(url, coding)
    return create()
  })
}

function unknown(url: URL, coding: string): KompressorError {
  return new KompressorError(
    'url_refused',
    `${url.href} comes with the content encoding ${coding}, which is not known`,
  )
}
