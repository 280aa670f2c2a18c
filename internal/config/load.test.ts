import { describe, expect, expectTypeOf, it } from 'vitest'
import { errorCodes, KompressorError } from '../errors/index.ts'
import {
  asksForHelp,
  defineCommand,
  defineOptions,
  duration,
  flag,
  integer,
  loadConfig,
  option,
  optional,
  repeated,
  required,
  standalone,
  text,
} from './index.ts'

const example = defineCommand({
  name: 'example',
  summary: 'Show every kind of option',
  positionals: { usage: 'PATH…', min: 0, max: 2 },
  options: defineOptions({
    token: required(text(), { doc: 'Needed.' }),
    retryAfter: option(duration({ min: 1000 }), { default: 10_000, doc: 'A wait.' }),
    outDir: optional(text('<folder>'), { doc: 'A folder.', short: 'o' }),
    tag: repeated(text(), { doc: 'Tags.', short: 't' }),
    json: flag({ doc: 'Write JSON.', short: 'j' }),
    colour: flag({ doc: 'Use colour.', default: true }),
    workers: option(integer({ min: 1, max: 8 }), {
      derived: { text: 'four', value: () => 4 },
      doc: 'How many.',
    }),
  }),
  check: ({ json, colour }) => (json && colour ? ['--json goes with --no-colour'] : []),
})

const load = (argv: string[], env: Record<string, string> = {}) =>
  loadConfig(example, argv, { KOMPRESSOR_TOKEN: 't', ...env })

function faultsOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof KompressorError && error.code in errorCodes) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('loadConfig', () => {
  it('uses the defaults when nothing is given', () => {
    expect(load([]).config).toEqual({
      token: 't',
      retryAfter: 10_000,
      outDir: undefined,
      tag: [],
      json: false,
      colour: true,
      workers: 4,
    })
  })

  it('prefers the command line to the variable and the variable to the default', () => {
    const env = { KOMPRESSOR_RETRY_AFTER: '1m', KOMPRESSOR_WORKERS: '2' }
    expect(load(['--retry-after', '5s'], env).config).toMatchObject({ retryAfter: 5000, workers: 2 })
  })

  it('reads short flags, joined values, repeated values, switches and positionals in any order', () => {
    const { config, positionals } = load([
      'a.png',
      '-o',
      'out',
      '-t=x',
      '--tag=y',
      '--no-colour',
      '-j',
      '--',
      '--b.png',
    ])
    expect(config).toMatchObject({ outDir: 'out', json: true, colour: false })
    expect(config.tag).toEqual(['=x', 'y'])
    expect(positionals).toEqual(['a.png', '--b.png'])
  })

  it('splits the variable of a list at commas and reads switches from true and false', () => {
    const env = { KOMPRESSOR_TAG: 'x, y', KOMPRESSOR_COLOUR: 'false', KOMPRESSOR_JSON: 'yes' }
    expect(load([], env).config).toMatchObject({ tag: ['x', 'y'], colour: false, json: true })
  })

  it('takes the last of a repeated flag that is no list', () => {
    expect(load(['--workers=1', '--workers=3']).config.workers).toBe(3)
  })

  it('treats an empty variable as absent', () => {
    expect(load([], { KOMPRESSOR_WORKERS: '' }).config.workers).toBe(4)
    expect(faultsOf(() => load([], { KOMPRESSOR_TOKEN: ' ' }))).toContain(
      '--token (or KOMPRESSOR_TOKEN) is required',
    )
  })

  it('lists every fault at once', () => {
    const message = faultsOf(() =>
      loadConfig(example, ['--worker', '3', '--retry-after', '10', '--out-dir', '--json', 'a', 'b', 'c'], {
        KOMPRESSOR_WORKERS: '9',
      }),
    )
    expect(message).toMatch(/^invalid_configuration: 6 faults:/)
    for (const fault of [
      '--worker is not an option of example; did you mean --workers?',
      '--retry-after=10 must be a number with its unit',
      '--out-dir needs a value: --out-dir <folder>',
      "'c' is not expected here",
      'KOMPRESSOR_WORKERS=9 must be a whole number from 1 to 8',
      '--token (or KOMPRESSOR_TOKEN) is required',
      'See: kompressor example --help',
    ]) {
      expect(message).toContain(fault)
    }
  })

  it('suggests nothing for an option that resembles none', () => {
    expect(faultsOf(() => load(['--quux']))).toMatch(/--quux is not an option of example\n/)
  })

  it('does not let a value be negated', () => {
    expect(faultsOf(() => load(['--no-workers']))).toContain('--no-workers is not an option')
  })

  it('checks what must hold between options once each of them is right', () => {
    expect(faultsOf(() => load(['--json']))).toContain('--json goes with --no-colour')
  })

  it('freezes the configuration', () => {
    expect(Object.isFrozen(load([]).config)).toBe(true)
  })

  it('warns of a misspelt variable and not of those that belong to others', () => {
    const { warnings } = load([], { KOMPRESSOR_WROKERS: '2', KOMPRESSOR_CORPUS: '/tmp', PATH: '/bin' })
    expect(warnings).toEqual(['KOMPRESSOR_WROKERS is not read; did you mean KOMPRESSOR_WORKERS?'])
  })

  it('names the cause when Kubernetes has put a service link where the port should be', () => {
    const message = faultsOf(() => loadConfig(standalone, [], { KOMPRESSOR_PORT: 'tcp://10.0.0.1:8080' }))
    expect(message).toContain('enableServiceLinks: false')
  })
})

describe('the type of a configuration', () => {
  it('is exact: words are unions, absent options are undefined, lists are read-only', () => {
    const { config } = load([])
    expectTypeOf(config.token).toEqualTypeOf<string>()
    expectTypeOf(config.outDir).toEqualTypeOf<string | undefined>()
    expectTypeOf(config.tag).toEqualTypeOf<readonly string[]>()
    expectTypeOf(config.json).toEqualTypeOf<boolean>()
    expectTypeOf(loadConfig(standalone, [], {}).config.durability).toEqualTypeOf<'on' | 'off'>()
  })
})

describe('asksForHelp', () => {
  it.each([
    [['--port', '1', '--help'], true],
    [['-h'], true],
    [['--', '--help'], false],
    [[], false],
  ])('%j: %s', (argv, expected) => {
    expect(asksForHelp(argv)).toBe(expected)
  })
})

describe('standalone', () => {
  it('has defaults that are valid, in milliseconds, bytes and pixels', () => {
    const { config, warnings } = loadConfig(standalone, [], {})
    expect(warnings).toEqual([])
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      retain: 30 * 86_400_000,
      maxFileSize: 5 * 1024 ** 3,
      maxPixels: 50_000_000,
      durability: 'on',
    })
    expect(config.slots).toBeGreaterThanOrEqual(1)
    expect(config.memoryLimit).toBeGreaterThan(0)
  })
})
