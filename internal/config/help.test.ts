import { describe, expect, it } from 'vitest'
import {
  configurationReference,
  defineCommand,
  defineOptions,
  flag,
  helpText,
  optional,
  path,
  repeated,
  required,
  standalone,
  text,
} from './index.ts'

const example = defineCommand({
  name: 'example',
  summary: 'Show every kind of option',
  positionals: { usage: 'PATH…', min: 1, max: 9 },
  options: defineOptions({
    out: optional(path('<folder>'), { otherwise: '<name>-compressed', doc: 'Where to.', short: 'o' }),
    token: required(text(), { doc: 'Needed.' }),
    tag: repeated(text(), { doc: 'Tags.' }),
    images: flag({ doc: 'Compress images.', default: true }),
    json: flag({ doc: 'Write JSON.' }),
  }),
  examples: [{ line: 'kompressor example photos', does: 'shows it' }],
})

describe('helpText', () => {
  it('shows every option with its unit and default, no line longer than 100 characters', () => {
    const text = helpText(standalone)
    expect(text).toContain('Usage: kompressor standalone [options]')
    expect(text).toMatch(/--retain <duration>\n.*Default: 30d\./)
    expect(text).toMatch(/--max-file-size <size>\n.*Default: 5GiB\./)
    expect(text).toMatch(/--slots <number>\n.*each in a process of its own\. Default: the CPU limit/)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it('shows how each kind of option is written', () => {
    const text = helpText(example)
    for (const shown of [
      'Usage: kompressor example PATH… [options]',
      '  -o, --out <folder>\n      Where to. Default: <name>-compressed.',
      '  --token <text>\n      Needed. Required.',
      '  --tag <text>\n      Tags. May be repeated.',
      '  --[no-]images\n      Compress images. Default: on.',
      '  --json\n      Write JSON.',
      '  kompressor example photos\n      shows it',
    ]) {
      expect(text).toContain(shown)
    }
  })
})

describe('configurationReference', () => {
  it('has a row for every option, with its variable', () => {
    const text = configurationReference([standalone])
    expect(text.match(/^\| `-/gm)).toHaveLength(Object.keys(standalone.options).length)
    expect(text).toContain('| `--data-dir <folder>` | `KOMPRESSOR_DATA_DIR` | ./data |')
    expect(text).toContain('`--durability on\\|off`')
  })

  it('keeps placeholders from being taken for HTML', () => {
    const text = configurationReference([example])
    expect(text).toContain('| `-o`, `--out <folder>` | `KOMPRESSOR_OUT` | &lt;name>-compressed | Where to. |')
    expect(text).toContain('| `--token <text>` | `KOMPRESSOR_TOKEN` | required | Needed. |')
  })
})
