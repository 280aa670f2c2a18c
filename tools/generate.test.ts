import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'kompressor-generate-'))
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

/** Runs the real command as it runs elsewhere: with another environment than the one files were written in. */
function generate(args: string[], env: Record<string, string> = {}) {
  const script = path.join(import.meta.dirname, 'generate.ts')
  const options = { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } } as const
  const { status, stderr } = spawnSync(process.execPath, [script, '--root', root, ...args], options)
  return { status, stderr }
}

describe('generate', () => {
  it('writes what --check then accepts, whatever the environment', () => {
    expect(generate([])).toEqual({ status: 0, stderr: '' })
    expect(readFileSync(path.join(root, 'docs/configuration.md'), 'utf8')).toContain('KOMPRESSOR_DATA_DIR')
    expect(generate(['--check'], { KOMPRESSOR_PORT: '1', TZ: 'Asia/Tokyo' })).toEqual({
      status: 0,
      stderr: '',
    })
  })

  it('names every file that drifted or is missing, and the command that helps, and changes nothing', () => {
    generate([])
    const metrics = path.join(root, 'docs/metrics.md')
    appendFileSync(metrics, 'by hand\n')
    rmSync(path.join(root, 'docs/configuration.md'))
    const { status, stderr } = generate(['--check'])
    expect(status).toBe(1)
    expect(stderr).toContain('docs/metrics.md is not what the code says: run `npm run generate`')
    expect(stderr).toContain('docs/configuration.md is not what the code says')
    expect(readFileSync(metrics, 'utf8')).toContain('by hand')
  })
})
