import { readFile } from 'node:fs/promises'
import { loadConfig } from '../../config/index.ts'
import { KompressorError } from '../../errors/index.ts'
import type { Io } from '../io.ts'
import { type BucketRun, conduct, defaultStateDir, machineOf, type RunBucketDependencies } from './main.ts'
import { runManifestCommand } from './manifest-command.ts'

/** What a manifest says of a run. */
export type ManifestRun = Pick<
  BucketRun,
  | 'name'
  | 'source'
  | 'reads'
  | 'from'
  | 'listText'
  | 'output'
  | 'replicas'
  | 'keyTemplate'
  | 'onExisting'
  | 'preserve'
  | 'options'
  | 'asks'
>

export interface RunManifestDependencies extends RunBucketDependencies {
  /** Throws invalid_configuration. */
  readManifest(text: string): ManifestRun
}

/**
 * `kompressor run -f FILE`.
 *
 * @returns the exit code, as for `kompressor run s3://…`
 * @throws KompressorError invalid_configuration, data_dir_in_use, and what the store says about its buckets
 */
export async function runManifest(
  argv: readonly string[],
  io: Io,
  dependencies: RunManifestDependencies,
): Promise<number> {
  const { config, warnings } = loadConfig(runManifestCommand, argv, io.env)
  for (const warning of warnings) io.stderr.write(`kompressor: ${warning}\n`)
  const run = dependencies.readManifest(await read(config.file))
  const stateDir = config.stateDir ?? defaultStateDir(io.env, run)
  return conduct(
    { ...run, ...machineOf(config), fetchAllow: config.fetchAllow, stateDir },
    config,
    io,
    dependencies,
  )
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new KompressorError('invalid_configuration', `--file ${file} cannot be read: ${why}`, { cause })
  }
}
