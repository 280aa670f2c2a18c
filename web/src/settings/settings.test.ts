import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cliCommand, curlCommand, jobManifest } from './commands.ts'
import {
  aims,
  defaultSettings,
  faultOf,
  formats,
  metadata,
  others,
  parseSettings,
  presets,
  type Settings,
  toOptions,
} from './settings.ts'

const settings: fc.Arbitrary<Settings> = fc.record(
  {
    preset: fc.constantFrom(...presets),
    format: fc.constantFrom(...formats),
    aim: fc.constantFrom(...aims),
    score: fc.integer({ min: 30, max: 95 }),
    quality: fc.integer({ min: 1, max: 100 }),
    metadata: fc.constantFrom(...metadata),
    others: fc.constantFrom(...others),
    maxKilobytes: fc.integer({ min: 1, max: 5_000_000 }),
    maxWidth: fc.integer({ min: 1, max: 65_535 }),
    maxHeight: fc.integer({ min: 1, max: 65_535 }),
  },
  { requiredKeys: ['preset', 'format', 'aim', 'score', 'quality', 'metadata', 'others'] },
)

test('whatever is set survives being stored', () => {
  fc.assert(
    fc.property(settings, (given) => {
      expect(parseSettings(JSON.parse(JSON.stringify(given)))).toEqual(given)
    }),
  )
})

test('what was stored by another version, or by somebody else, becomes settings all the same', () => {
  for (const stored of [null, 7, [], { preset: 'Huge', score: 1000, maxWidth: 'x', others: {} }]) {
    expect(parseSettings(stored)).toEqual(defaultSettings)
  }
  expect(parseSettings({ format: 'AVIF', score: 5 })).toEqual({ ...defaultSettings, format: 'AVIF' })
})

test('defaults ask for nothing but both kinds of content', () => {
  expect(toOptions(defaultSettings)).toEqual({ images: {}, data: {} })
  expect(toOptions({ ...defaultSettings, others: 'Skip' })).toEqual({ images: {} })
})

test('a target below the floor takes the floor with it', () => {
  expect(toOptions({ ...defaultSettings, aim: 'Score', score: 40 }).images).toEqual({
    targetQuality: 40,
    minScore: 40,
  })
  expect(toOptions({ ...defaultSettings, aim: 'Score', score: 80 }).images).toEqual({ targetQuality: 80 })
})

test('numbers that cannot be are explained', () => {
  expect(faultOf('maxWidth', 0)).toBe('From 1 to 65535.')
  expect(faultOf('quality', 1.5)).toBe('A whole number, please.')
  expect(faultOf('quality', Number('x'))).toBe('A whole number, please.')
  expect(faultOf('quality', 80)).toBeUndefined()
})

test('defaults need no words elsewhere, apart from those that differ there', () => {
  const options = toOptions(defaultSettings)
  expect(curlCommand(options, 'http://localhost:8080')).not.toContain('options')
  expect(cliCommand(options).split(/\s+\\\n\s+/)).toEqual([
    'npx kompressor run ./photos',
    '--metadata copyright',
  ])
  expect(jobManifest(options)).toContain('    images:\n      metadata: Copyright\n    data: {}\n')
})

test('nothing in the options can end the quotes of a shell', () => {
  expect(curlCommand({ images: {} }, "http://x/';rm -rf ~;'")).toContain(String.raw`'\''`)
})
