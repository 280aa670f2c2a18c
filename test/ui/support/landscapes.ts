import sharp from 'sharp'
import { randomNumbers } from '../../fixtures/index.ts'

export interface LandscapeOptions {
  width?: number
  height?: number
  seed?: number
  /** JPEG quality; default 95, as cameras have it. */
  quality?: number
}

/** A picture that people like to look at, made by code: sky, sun, ridges in the haze, water, and the grain of a camera. */
export async function landscape({
  width = 1600,
  height = 1067,
  seed = 1,
  quality = 95,
}: LandscapeOptions = {}): Promise<Buffer> {
  const next = randomNumbers(seed * 7919)
  const [sky, haze, ground] = palettes[seed % palettes.length] ?? ['#3a6ea5', '#f6d9b8', '#1d2a30']
  const horizon = height * (0.5 + next() * 0.15)
  const ridges = Array.from({ length: 5 }, (_, i) => {
    const depth = i / 4
    const base = horizon - height * 0.16 + depth * height * 0.3
    const points = ridge(width, base, height * (0.17 - depth * 0.07), next)
    const colour = mix(haze, ground, 0.25 + depth * 0.75)
    return `<path d="M0 ${height} L${points} L${width} ${height} Z" fill="${colour}"/>`
  })
  const sun = { x: width * (0.2 + next() * 0.6), y: horizon * (0.3 + next() * 0.3), r: height * 0.045 }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="${sky}"/><stop offset="0.62" stop-color="${haze}"/>
      </linearGradient>
      <radialGradient id="glow"><stop offset="0" stop-color="#fff6dd" stop-opacity="0.9"/>
        <stop offset="1" stop-color="#fff6dd" stop-opacity="0"/></radialGradient>
    </defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>
    <circle cx="${sun.x}" cy="${sun.y}" r="${sun.r * 6}" fill="url(#glow)"/>
    <circle cx="${sun.x}" cy="${sun.y}" r="${sun.r}" fill="#fffaf0"/>
    ${ridges.join('\n')}
  </svg>`
  const grain = Buffer.alloc(width * height * 3)
  for (let i = 0; i < grain.length; i += 3) grain.fill(112 + Math.floor(next() * 32), i, i + 3)
  return await sharp(Buffer.from(svg))
    .composite([{ input: grain, raw: { width, height, channels: 3 }, blend: 'soft-light' }])
    .removeAlpha()
    .jpeg({ quality, chromaSubsampling: '4:4:4' })
    .toBuffer()
}

const palettes: readonly (readonly [sky: string, haze: string, ground: string])[] = [
  ['#3b6fb0', '#f4dcc0', '#1b2b33'],
  ['#2b3f73', '#f2a56f', '#221c33'],
  ['#5aa0c8', '#e9f0e4', '#17402f'],
  ['#7a4d7d', '#f7c9a8', '#2d1a2b'],
  ['#2f7d8c', '#d9efe2', '#0f2f2f'],
  ['#c06c4d', '#fbe3b4', '#40201c'],
]

/** A line of hills: waves of several lengths over each other. */
function ridge(width: number, base: number, rise: number, next: () => number): string {
  const waves = Array.from({ length: 6 }, (_, i) => ({
    length: (width * (0.5 + next() * 0.5)) / 2 ** i,
    height: (rise * (0.5 + next() * 0.5)) / 1.7 ** i,
    phase: next() * Math.PI * 2,
  }))
  return Array.from({ length: 201 }, (_, i) => {
    const x = (width / 200) * i
    const y = waves.reduce(
      (sum, { length, height, phase }) => sum + Math.sin((x / length) * Math.PI * 2 + phase) * height * 0.5,
      base,
    )
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  }).join(' L')
}

function mix(a: string, b: string, share: number): string {
  const part = (at: number) => {
    const from = Number.parseInt(a.slice(at, at + 2), 16)
    const to = Number.parseInt(b.slice(at, at + 2), 16)
    return Math.round(from + (to - from) * share)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${part(1)}${part(3)}${part(5)}`
}
