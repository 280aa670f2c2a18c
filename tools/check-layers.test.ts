import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { checkFile } from './layers/check.ts'
import { layers, packages } from './layers/table.ts'

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

/** Runs the real command over a tree of these files. */
function check(files: Record<string, string>) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'kompressor-layers-'))
  roots.push(root)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), content)
  }
  const script = path.join(import.meta.dirname, 'check-layers.ts')
  const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' })
  return { status, violations: stderr.split('\n').filter((line) => line !== '') }
}

describe('check-layers', () => {
  it('accepts what the table permits', () => {
    const { status, violations } = check({
      'internal/api/app.ts': "import { x } from '../store/index.ts'\nimport { Hono } from 'hono/factory'\n",
      'internal/api/files/get.ts': "import { y } from '../http/problem.ts'\n",
      'internal/codec/pool.ts':
        "// import x from 'node:net'\n * import('node:http')\nconst fetched = store.fetch(1)\n",
      'internal/objects/fs/fs.test.ts':
        "import { suite } from '../contract.ts'\nimport { s } from '../../store/index.ts'\n",
      'internal/broker/kafka.test.ts': "import { suite } from '../objects/contract.ts'\n",
      'cmd/standalone.ts': "import { app } from '../internal/api/index.ts'\n",
      'cmd/worker.ts': "import { start } from '../internal/cluster/worker.ts'\n",
      'internal/cluster/worker.ts': "import { startWork } from '../process/work.ts'\n",
      'bench/quality/run.ts':
        "import { q } from '../../internal/codec/quality/index.ts'\nimport sharp from 'sharp'\n",
      'bench/latency/run.ts': "import { startService } from '../../test/support/service.ts'\n",
      'test/e2e/a.test.ts': "import { f } from '../fixtures/photo.ts'\n",
    })
    expect(violations).toEqual([])
    expect(status).toBe(0)
  })

  it.each([
    [
      'a lower folder imports a higher one',
      'internal/store/a.ts',
      "\nimport { x } from '../api/index.ts'",
      2,
      'store may not import api',
    ],
    [
      'the worker reaches for the database',
      'internal/worker/a.ts',
      "import { x } from '../store/index.ts'",
      1,
      'worker may not import store',
    ],
    [
      'the API runs a worker',
      'internal/api/b/a.ts',
      "import type { x } from '../../worker/index.ts'",
      1,
      'api may not import worker',
    ],
    [
      'an import reaches past the public face',
      'internal/api/a.ts',
      "import {\n  x,\n} from '../store/schema.ts'",
      3,
      'import internal/store/index.ts',
    ],
    [
      'an export does',
      'internal/api/a.ts',
      "export * from '../store/schema.ts'",
      1,
      'import internal/store/index.ts',
    ],
    [
      'a dynamic import does',
      'internal/api/a.ts',
      "const x = await import('../store/schema.ts')",
      1,
      'import internal/store/index.ts',
    ],
    [
      'an entry point does',
      'cmd/a.ts',
      "import { x } from '../internal/store/schema.ts'",
      1,
      'import an index.ts',
    ],
    [
      'an entry point reaches for a part that is not public',
      'cmd/a.ts',
      "import { x } from '../internal/cluster/topics.ts'",
      1,
      'import an index.ts',
    ],
    [
      'a test does',
      'internal/api/a.test.ts',
      "import { x } from '../store/schema.ts'",
      1,
      'import an index.ts',
    ],
    [
      'production code imports a contract',
      'internal/objects/a.ts',
      "import { x } from './contract.ts'",
      1,
      'is for tests only',
    ],
    [
      'production code imports a fixture',
      'internal/codec/a.ts',
      "import { x } from '../../test/fixtures/index.ts'",
      1,
      'is for tests only',
    ],
    [
      'a folder imports an entry point',
      'internal/api/a.ts',
      "import { x } from '../../cmd/index.ts'",
      1,
      'api may not import cmd/',
    ],
    [
      'the codec opens a socket',
      'internal/codec/a.ts',
      "import net from 'node:net'",
      1,
      'codec does no network I/O: no node:net',
    ],
    [
      'the codec fetches',
      'internal/codec/a.ts',
      "\n\nconst r = await fetch('http://x')",
      3,
      'codec does no network I/O: no fetch',
    ],
    [
      'a package leaves its folder',
      'internal/api/a.ts',
      "import { sql } from 'drizzle-orm/pg-core'",
      1,
      'imported by store and broker alone, not by api',
    ],
    [
      'a scoped package does',
      'internal/delivery/a.ts',
      "import { trace } from '@opentelemetry/api'",
      1,
      'imported by telemetry alone, not by delivery',
    ],
    [
      'an import only for its effects',
      'internal/store/a.ts',
      "import 'prom-client'",
      1,
      'imported by telemetry alone',
    ],
    [
      'a folder is not in the table',
      'internal/misc/a.ts',
      'export const a = 1',
      1,
      'internal/misc has no line',
    ],
  ])('refuses that %s', (_, file, source, line, rule) => {
    expect(checkFile(file, source)).toEqual([{ file, line, message: expect.stringContaining(rule) }])
  })

  it('exits 1 and names file, line and rule of every violation', () => {
    const { status, violations } = check({
      'internal/store/a.ts':
        "\nimport { x } from '../api/index.ts'\nimport { y } from '../worker/index.ts'\n",
      'internal/store/b.ts': "import { z } from './schema.ts'\n",
      'cmd/a.ts': "import { x } from '../internal/store/schema.ts'\n",
    })
    expect(violations).toEqual([
      'cmd/a.ts:1 internal/store/schema.ts is not the public face of its folder: import an index.ts',
      'internal/store/a.ts:2 store may not import api',
      'internal/store/a.ts:3 store may not import worker',
    ])
    expect(status).toBe(1)
  })

  it('fails when there is nothing to check', () => {
    expect(check({}).status).toBe(1)
  })
})

describe('the table', () => {
  it('names folders it knows and lets nothing depend on itself, however far around', () => {
    const reach = (layer: string, seen: readonly string[] = []): string[] =>
      (layers[layer] ?? []).flatMap((next) =>
        seen.includes(next) ? [next] : [next, ...reach(next, [...seen, next])],
      )
    for (const layer of Object.keys(layers)) expect(reach(layer)).not.toContain(layer)
    const known = [...Object.keys(layers), 'cmd']
    for (const owner of [...Object.values(layers), ...Object.values(packages)].flat())
      expect(known).toContain(owner)
  })
})
