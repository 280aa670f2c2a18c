import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Encoder {
  format: 'JPEG' | 'WebP'
  quality: number
}

/** Has bare sharp compress every file of a folder, in this many processes at a time. */
export async function throughSharp(
  inputs: string,
  { format, quality }: Encoder,
  processes: number,
): Promise<{ seconds: number; cpuSeconds: number }> {
  const outputs = await mkdtemp(join(tmpdir(), 'kompressor-reference-out-'))
  const script = new URL('../throughput/reference.ts', import.meta.url).pathname
  const children = Array.from({ length: processes }, (_, shard) =>
    spawn(
      process.execPath,
      [script, inputs, outputs, String(shard), String(processes), format, String(quality)],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    ),
  )
  await Promise.all(children.map((child) => once(child.stdout, 'data')))
  const started = performance.now()
  const cpu = children.map((child) => once(child.stdout, 'data'))
  for (const child of children) child.stdin.write('go\n')
  await Promise.all(children.map((child) => once(child, 'exit')))
  const seconds = (performance.now() - started) / 1000
  await rm(outputs, { recursive: true })
  const cpuSeconds = (await Promise.all(cpu)).reduce((sum, [said]) => sum + Number(said), 0)
  return { seconds, cpuSeconds }
}
