import { describe, expect, it } from 'vitest'
import { type CompressionOptionsInput, compressionOptionsSchema, defaultLimits } from '../index.ts'
import type { Content } from './content.ts'
import { type Candidate, planImage } from './plan.ts'
import type { ImageSource } from './source.ts'
import { imageTask } from './task.ts'

const photo: Content = { graphic: false, opaque: true, colours: 257, grey: false }
const graphic: Content = { graphic: true, opaque: true, colours: 40, grey: false }
const cutout: Content = { ...photo, opaque: false }

const png: ImageSource = {
  name: 'a',
  path: '/a',
  format: 'png',
  bytes: 1_000_000,
  type: 'image/png',
  width: 1200,
  height: 800,
  frames: 1,
  hasAlpha: false,
  wide: false,
  grey: false,
  cmyk: false,
  orientation: 1,
  lossy: false,
}
const jpeg: ImageSource = { ...png, format: 'jpeg', lossy: true, jpeg: { quality: 92, score: 86 } }
const gif: ImageSource = { ...png, format: 'gif', frames: 9, animation: { loop: 0, delay: [] } }
const webp: ImageSource = { ...png, format: 'webp', lossy: true }

type Images = NonNullable<CompressionOptionsInput['images']>

/** The plan in words: `keep reason`, or `format coding` of each candidate for this content. */
function planned(source: ImageSource, images: Images, content: Content = photo): string {
  const options = compressionOptionsSchema.parse({ images })
  const request = { id: 'a', name: 'a', input: '/a', output: '/o', options, limits: defaultLimits }
  if (options.images === undefined) throw new Error('no images block')
  const plan = planImage(imageTask(request, source, options.images))
  if (plan.kind === 'keep') return `keep ${plan.reason}`
  const words = ({ format, coding }: Candidate) => `${format} ${coding}`
  return (plan.kind === 'encode' ? plan.candidates : plan.candidates(content)).map(words).join(', ')
}

describe('planImage', () => {
  it.each<[string, ImageSource, Images, Content, string]>([
    ['Keep recodes a JPEG as JPEG', jpeg, {}, photo, 'jpeg lossy'],
    ['Keep never makes a PNG lossy', png, {}, photo, 'png lossless'],
    ['Keep leaves lossless WebP lossless', { ...webp, lossy: false }, {}, photo, 'webp lossless'],
    ['Keep recodes lossy WebP as lossy WebP', webp, {}, photo, 'webp lossy'],
    ['a photograph as WebP is lossy', png, { format: 'WebP' }, photo, 'webp lossy'],
    ['a graphic as WebP tries both', png, { format: 'WebP' }, graphic, 'webp lossless, webp lossy'],
    ['a fixed quality is lossy without a look', png, { format: 'WebP', quality: 70 }, graphic, 'webp lossy'],
    ['a JPEG as PNG would only grow', jpeg, { format: 'PNG' }, photo, 'keep savings_below_minimum'],
    [
      'a JPEG as PNG may shrink by resizing',
      jpeg,
      { format: 'PNG', resize: { maxWidth: 10 } },
      photo,
      'png lossless',
    ],
    ['Auto makes photographs AVIF', png, { format: 'Auto' }, photo, 'avif lossy'],
    ['Auto in Fast makes photographs WebP', png, { format: 'Auto', preset: 'Fast' }, photo, 'webp lossy'],
    ['Auto makes graphics lossless', png, { format: 'Auto' }, graphic, 'webp lossless'],
    [
      'Auto keeps alpha of photographs nearly lossless',
      png,
      { format: 'Auto' },
      cutout,
      'webp near-lossless',
    ],
    ['Auto keeps 16 bits', { ...png, wide: true }, { format: 'Auto' }, photo, 'png lossless'],
    [
      'Auto keeps the alpha of lossy images',
      { ...webp, hasAlpha: true },
      { format: 'Auto' },
      photo,
      'webp lossy',
    ],
    [
      'Auto spares memory on huge photographs',
      { ...jpeg, width: 8000, height: 6000 },
      { format: 'Auto' },
      photo,
      'webp lossy',
    ],
    [
      'Auto knows how long WebP may be',
      { ...jpeg, width: 20_000, height: 100 },
      { format: 'Auto' },
      photo,
      'jpeg lossy',
    ],
    [
      'a format that cannot hold the image gives way',
      { ...png, width: 20_000 },
      { format: 'WebP' },
      photo,
      'png lossless',
    ],
    ['animated GIF stays GIF', gif, {}, photo, 'gif lossless'],
    ['animated GIF stays GIF when JPEG is asked', gif, { format: 'JPEG' }, photo, 'gif lossless'],
    ['animated GIF may become animated WebP', gif, { format: 'Auto' }, photo, 'webp lossless, webp lossy'],
    ['animated WebP stays WebP', { ...webp, frames: 3 }, { format: 'AVIF' }, photo, 'webp lossy'],
    [
      'a low JPEG is kept',
      { ...jpeg, jpeg: { quality: 70, score: 75 } },
      {},
      photo,
      'keep already_compressed',
    ],
    [
      'a low JPEG is kept in any format',
      { ...jpeg, jpeg: { quality: 70, score: 75 } },
      { format: 'AVIF' },
      photo,
      'keep already_compressed',
    ],
    [
      'a low JPEG goes on to a lower target',
      { ...jpeg, jpeg: { quality: 70, score: 75 } },
      { targetQuality: 65, minScore: 50 },
      photo,
      'jpeg lossy',
    ],
    [
      'a low JPEG above maxBytes goes on',
      { ...jpeg, jpeg: { quality: 70, score: 75 } },
      { maxBytes: 999 },
      photo,
      'jpeg lossy',
    ],
    ['a gain map is carried in JPEG', { ...jpeg, gainMap: 'decodable' }, {}, photo, 'jpeg gain-map'],
    [
      'a gain map stays under Auto',
      { ...jpeg, gainMap: 'decodable' },
      { format: 'Auto' },
      photo,
      'jpeg gain-map',
    ],
    [
      'a gain map that WebP cannot carry keeps the file',
      { ...jpeg, gainMap: 'decodable' },
      { format: 'WebP' },
      photo,
      'keep gain_map',
    ],
    [
      'a gain map nobody can decode keeps the file',
      { ...jpeg, gainMap: 'opaque' },
      {},
      photo,
      'keep gain_map',
    ],
    [
      'HDR AVIF is kept',
      { ...png, format: 'avif', wide: true, lossy: true },
      {},
      photo,
      'keep already_compressed',
    ],
  ])('%s', (_, source, images, content, expected) => {
    expect(planned(source, images, content)).toBe(expected)
  })
})
