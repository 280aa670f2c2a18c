import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { type Recorded, readRecorded, replay as replayRecords, type Settings } from '../../autoscale/index.ts'
import { type ConfigOf, loadConfig } from '../../config/index.ts'
import { KompressorError } from '../../errors/index.ts'
import type { Io } from '../io.ts'
import { styleFor } from '../terminal/output.ts'
import { replayCommand } from './commands.ts'
import { renderReplay } from './render-replay.ts'

/**
 * `kompressor job replay FILE`.
 *
 * @throws KompressorError invalid_configuration: the file cannot be read, or nothing was recorded in it
 */
export async function replay(argv: readonly string[], io: Io): Promise<void> {
  const { config, positionals } = loadConfig(replayCommand, argv, io.env)
  const file = positionals[0] ?? ''
  const replayed = replayRecords(await recordsOf(file), changeOf(config))
  const lines = config.json
    ? replayed.map(({ recorded: { job, time, replicas: recorded }, decision: { memory: _, ...decision } }) =>
        JSON.stringify({ job, time, recorded, ...decision }),
      )
    : renderReplay(replayed, { all: config.all, style: styleFor(io.stdout) })
  io.stdout.write(`${lines.join('\n')}\n`)
}

async function recordsOf(file: string): Promise<Recorded[]> {
  const records: Recorded[] = []
  let number = 0
  try {
    for await (const line of createInterface({
      input: createReadStream(file),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      number += 1
      const recorded = readRecorded(line)
      if (recorded !== undefined) records.push(recorded)
    }
  } catch (error) {
    if (error instanceof RangeError) {
      const message = `${file}:${number} has a snapshot of another form: ${error.message}. Was it written by another version?`
      throw new KompressorError('invalid_configuration', message, { cause: error })
    }
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new KompressorError(
      'invalid_configuration',
      code === 'ENOENT' ? `there is no file ${file}` : `${file}: ${message}`,
      { cause: error },
    )
  }
  if (records.length > 0) return records
  throw new KompressorError(
    'invalid_configuration',
    `no decision is recorded in ${file}; an operator with --log-level debug logs them`,
  )
}

function changeOf(config: ConfigOf<typeof replayCommand.options>): Partial<Settings> {
  const { minReplicas, maxReplicas, targetDrainSeconds, scaleDownStabilizationSeconds } = config
  const given = { minReplicas, maxReplicas, targetDrainSeconds, scaleDownStabilizationSeconds }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
