import type { Detected } from './types.ts'

const heif = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1', 'mif2'])

/** `ftyp` is the first box of every HEIF, AVIF, CR3, MP4 and MOV file; its brands tell them apart. */
export function detectIsoMedia(head: Buffer): Detected | undefined {
  if (head.toString('latin1', 4, 8) !== 'ftyp') return undefined
  const brands = brandsOf(head)
  const [major = ''] = brands
  if (major === 'crx ') return unsupported('image/x-canon-cr3', 'camera RAW (CR3)')
  // A sequence's first image is only its poster: compressing it alone would lose the animation.
  if (major === 'avis') return unsupported('image/avif', 'an AVIF image sequence')
  if (major === 'avif') return { class: 'image', format: 'avif', type: 'image/avif' }
  if (!heif.has(major)) return undefined
  // Generic major brands leave it to the compatible ones to name the codec.
  const generic = major === 'mif1' || major === 'mif2' || major === 'msf1'
  if (generic && brands.includes('avif')) return { class: 'image', format: 'avif', type: 'image/avif' }
  if (generic && brands.includes('avis')) return unsupported('image/avif', 'an AVIF image sequence')
  return unsupported(generic ? 'image/heif' : 'image/heic', 'HEIC/HEIF')
}

/** Major brand first, then the compatible brands as far as the head holds them. */
function brandsOf(head: Buffer): string[] {
  const end = Math.min(head.readUInt32BE(0), head.length)
  const brands = [head.toString('latin1', 8, 12)]
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4))
  return brands
}

function unsupported(type: string, what: string): Detected {
  return { class: 'unsupported_image', type, what }
}
