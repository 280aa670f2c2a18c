import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { compressionFaults, compressionFlags, toCompressionOptions } from '../../internal/cli/index.ts'
import { compressionOptionsSchema } from '../../internal/codec/index.ts'
import { defineCommand, loadConfig } from '../../internal/config/index.ts'
import { compressionJobSchema } from '../../internal/operator/schema/index.ts'
import { cliCommand, curlCommand, jobManifest } from '../../web/src/settings/commands.ts'
import {
  aims,
  formats,
  metadata,
  others,
  presets,
  type Settings,
  toOptions,
} from '../../web/src/settings/settings.ts'

/* What the pages say of their settings must be understood where it is said to be, and mean the same there. */

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

const command = defineCommand({
  name: 'run',
  summary: 'Test',
  options: compressionFlags,
  check: compressionFaults,
})

test('the API takes every setting of the pages', () => {
  fc.assert(
    fc.property(settings, (given) => {
      expect(compressionOptionsSchema.safeParse(toOptions(given)).error?.issues ?? []).toEqual([])
    }),
  )
})

test('the command line means what the pages mean', () => {
  fc.assert(
    fc.property(settings, (given) => {
      const options = toOptions(given)
      const [, , , , ...flags] = cliCommand(options).split(/[\s\\]+/)
      expect(toCompressionOptions(loadConfig(command, flags, {}).config)).toEqual(
        compressionOptionsSchema.parse(options),
      )
    }),
  )
})

test('the request carries the options as they are', () => {
  fc.assert(
    fc.property(settings, (given) => {
      const options = toOptions(given)
      const json = /-F 'options=(.*)' \\/.exec(curlCommand(options, 'http://localhost'))?.[1]
      expect(json === undefined ? { images: {}, data: {} } : JSON.parse(json)).toEqual(options)
    }),
  )
})

test('the manifest is a CompressionJob that means what the pages mean', () => {
  fc.assert(
    fc.property(settings, (given) => {
      const options = toOptions(given)
      const manifest = parse(jobManifest(options))
      expect(manifest).toMatchObject({ apiVersion: 'kompressor.dev/v1alpha1', kind: 'CompressionJob' })
      const { compression } = compressionJobSchema.parse({ spec: manifest.spec }).spec
      expect(compression).toEqual(compressionOptionsSchema.parse(options))
    }),
  )
})
