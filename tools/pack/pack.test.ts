import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findSources } from './sources.ts'
import { toJavaScript } from './strip.ts'

function project(files: Record<string, string>): string {
  const root = mkdtempSync(path.join(os.tmpdir(), 'kompressor-pack-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true })
    writeFileSync(path.join(root, name), text)
  }
  return root
}

test('types go, lines stay, and paths point at JavaScript', () => {
  const source = [
    "import { a } from './a.ts'",
    "import type { B } from '../b.ts'",
    "const later = () => import('./c.ts')",
    "const child = new URL('./child.ts', import.meta.url)",
    'const x: number = a as number // see ./a.ts',
  ].join('\n')
  const code = toJavaScript(source)
  expect(code.split('\n').map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
    "import { a } from './a.js'",
    '',
    "const later = () => import('./c.js')",
    "const child = new URL('./child.js', import.meta.url)",
    'const x = a // see ./a.ts',
  ])
})

test('what runs is followed: imports, lazy imports, children; what is there for types or tests is not', () => {
  const root = project({
    'cmd/main.ts':
      "import { a } from '../lib/a.ts'\nimport type { T } from 'types-only'\nawait import('./lazy.ts')\n",
    'cmd/lazy.ts': "import { z } from 'zod'\nimport fs from 'node:fs'\nimport x from '@scope/name/sub'\n",
    'lib/a.ts': [
      "/** import { no } from './example.ts' */",
      "export { b } from './b.ts'",
      'const u = new URL(`./child\u0024{extname(import.meta.url)}`, import.meta.url)',
    ].join('\n'),
    'lib/b.ts': "import { type OnlyType } from './types.ts'\nexport const b = Buffer.from('one')\n",
    'lib/child.ts': '',
    'lib/types.ts': '',
    'lib/a.test.ts': "import 'vitest'\n",
  })
  expect(findSources(root, ['cmd/main.ts'])).toEqual({
    files: ['cmd/lazy.ts', 'cmd/main.ts', 'lib/a.ts', 'lib/b.ts', 'lib/child.ts', 'lib/types.ts'],
    packages: ['@scope/name', 'zod'],
  })
})

test('a path that leads nowhere fails the packing', () => {
  const root = project({ 'cmd/main.ts': "import { a } from './gone.ts'\n" })
  expect(() => findSources(root, ['cmd/main.ts'])).toThrow(
    'cmd/main.ts names cmd/gone.ts, which does not exist',
  )
})
