import { describe, expect, it } from 'vitest'
import { configurationReference, helpText, standalone } from './index.ts'

describe('helpText', () => {
  it('shows every option with its unit and default, no line longer than 100 characters', () => {
    const text = helpText(standalone)
    expect(text).toContain('Usage: kompressor standalone [options]')
    expect(text).toMatch(/--retain <duration>\n.*Default: 30d\./)
    expect(text).toMatch(/--max-file-size <size>\n.*Default: 5GiB\./)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })
})

describe('configurationReference', () => {
  it('has a row for every option, with its variable', () => {
    const text = configurationReference([standalone])
    expect(text.match(/^\| `-/gm)).toHaveLength(Object.keys(standalone.options).length)
    expect(text).toContain('| `--data-dir <folder>` | `KOMPRESSOR_DATA_DIR` | ./data |')
    expect(text).toContain('`--durability on\\|off`')
  })
})
