import { expect, test } from 'vitest'
import { defaultOptions } from '../../codec/index.ts'
import { defineCommand, loadConfig } from '../../config/index.ts'
import { compressionFaults, compressionFlags, toCompressionOptions } from './compression.ts'

const command = defineCommand({
  name: 'test',
  summary: 'Test',
  options: compressionFlags,
  check: compressionFaults,
})

function optionsOf(...argv: string[]) {
  return toCompressionOptions(loadConfig(command, argv, {}).config)
}

function faultsOf(...argv: string[]): string {
  try {
    optionsOf(...argv)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return ''
}

test('without flags everything is as in the API, except that local files keep their metadata', () => {
  expect(optionsOf()).toEqual({ ...defaultOptions, images: { ...defaultOptions.images, metadata: 'Keep' } })
})

test('every flag reaches its option', () => {
  expect(
    optionsOf(
      ...[
        '--format',
        'avif',
        '--preset',
        'small',
        '--quality',
        '60',
        '--min-score',
        '50',
        '--max-bytes',
        '200kB',
      ],
      ...['--max-width', '1600', '--max-height', '900', '--metadata', 'strip', '--min-savings', '2.5'],
      ...['--data-codec', 'brotli', '--data-level', '11', '--data-as', 'contentencoding'],
    ),
  ).toEqual({
    images: {
      format: 'AVIF',
      preset: 'Small',
      quality: 60,
      minScore: 50,
      maxBytes: 200_000,
      resize: { maxWidth: 1600, maxHeight: 900 },
      metadata: 'Strip',
    },
    data: { codec: 'Brotli', level: 11, as: 'ContentEncoding' },
    minSavingsPercent: 2.5,
  })
})

test('a class that is switched off is left alone', () => {
  expect(optionsOf('--no-images').images).toBeUndefined()
  expect(optionsOf('--no-data').data).toBeUndefined()
  expect(faultsOf('--no-data', '--no-images')).toContain('nothing to compress')
})

test('a target below the usual floor takes the floor down with it', () => {
  expect(optionsOf('--target-quality', '50').images?.minScore).toBe(50)
  expect(optionsOf('--target-quality', '80').images?.minScore).toBe(65)
})

test.each([
  [['--quality', '101'], '--quality must be at most 100'],
  [['--quality', '70.5'], '--quality must be a whole number'],
  [['--quality', 'high'], '--quality=high must be a number'],
  [['--target-quality', '20'], '--target-quality must be at least 30'],
  [['--quality', '70', '--target-quality', '80'], 'give --quality or --target-quality, not both'],
  [['--target-quality', '60', '--min-score', '70'], '--min-score must not exceed --target-quality'],
  [['--max-width', '0'], '--max-width must be at least 1'],
  [['--min-savings', '100'], '--min-savings must be at most 99'],
  [['--data-codec', 'gzip', '--data-level', '12'], 'Gzip levels are 1 to 9'],
  [['--format', 'bmp'], 'must be one of Keep, Auto, JPEG, WebP, AVIF, PNG'],
])('%j is refused in the words of the command line', (argv, message) => {
  expect(faultsOf(...argv)).toContain(message)
})
