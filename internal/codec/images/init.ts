import sharp from 'sharp'

/** Loaders for the formats `detect` lets through; raw pixels need none. */
const loaders = [
  'VipsForeignLoadJpeg',
  'VipsForeignLoadUhdr',
  'VipsForeignLoadPng',
  'VipsForeignLoadWebp',
  'VipsForeignLoadHeif',
  'VipsForeignLoadNsgif',
  'VipsForeignLoadTiff',
]

/**
 * Settings of the whole process, for a process that compresses one file at a time: one thread an operation, because
 * whole files side by side use cores better than parts of one; no cache, because no file comes twice; and only the
 * decoders in use, because every other one is attack surface.
 */
export function initImages(): void {
  sharp.concurrency(1)
  sharp.cache(false)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: loaders })
}
