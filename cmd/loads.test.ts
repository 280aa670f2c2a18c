import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

/** Imports a module in a process of its own, and writes down the address of everything that was loaded for it. */
const script = `
  import { registerHooks } from 'node:module'
  const loaded = []
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
  await import(process.env.COMMAND)
  process.stdout.write(JSON.stringify(loaded))
`

/** What `kompressor NAME` loads before it does anything, of our folders and of packages. */
async function loadedBy(name: string) {
  const command = pathToFileURL(`${import.meta.dirname}/${name}.ts`).href
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, COMMAND: command },
    maxBuffer: 16 * 1024 ** 2,
  })
  const urls: string[] = JSON.parse(stdout)
  const named = (pattern: RegExp) => new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? []))
  return {
    folders: named(/\/internal\/([^/]+)\//),
    packages: named(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//),
  }
}

type Loaded = Awaited<ReturnType<typeof loadedBy>>

function expectLean({ folders, packages }: Loaded) {
  expect(folders).toContain('cluster')
  expect(packages).toContain('@aws-sdk/client-s3')
  for (const absent of ['store', 'delivery', 'api', 'operator', 'kube']) expect(folders).not.toContain(absent)
  for (const absent of ['drizzle-orm', 'pg', '@electric-sql/pglite', '@kubernetes/client-node', 'hono'])
    expect(packages).not.toContain(absent)
}

describe('a process loads what it is made of', () => {
  test('a worker, of which there are many: no database, no Kubernetes, no API', async () => {
    const loaded = await loadedBy('worker')
    expectLean(loaded)
    expect(loaded.packages).toContain('kafkajs')
  })

  test.each(['planner', 'report', 'eraser'])('%s, which every job has: no Kafka either', async (name) => {
    const loaded = await loadedBy(name)
    expectLean(loaded)
    expect(loaded.packages).not.toContain('kafkajs')
  })

  test('the API: no Kubernetes', async () => {
    const { packages } = await loadedBy('api')
    expect(packages).toContain('pg')
    expect(packages).not.toContain('@kubernetes/client-node')
  })

  test('the operator: no API', async () => {
    const { folders, packages } = await loadedBy('operator')
    expect(packages).toContain('@kubernetes/client-node')
    expect(folders).not.toContain('api')
  })

  test('standalone: no Kubernetes', async () => {
    const { packages } = await loadedBy('standalone')
    expect(packages).toContain('@electric-sql/pglite')
    expect(packages).not.toContain('@kubernetes/client-node')
  })
})
