import { stat } from 'node:fs/promises'
import { inspectFile } from '../../codec/index.ts'
import { loadConfig } from '../../config/index.ts'
import { type ErrorBody, KompressorError, toKompressorError } from '../../errors/index.ts'
import type { Io } from '../io.ts'
import { toCompressionOptions } from '../options/compression.ts'
import { printable } from '../terminal/format.ts'
import { styleFor } from '../terminal/output.ts'
import { inspectCommand } from './command.ts'
import { renderInspection } from './render.ts'

/**
 * `kompressor inspect`. Takes one file after the other.
 *
 * @returns the exit code: 0, or 1 when a file could not be inspected
 * @throws KompressorError invalid_configuration
 */
export async function inspect(argv: readonly string[], io: Io): Promise<number> {
  const { config, positionals } = loadConfig(inspectCommand, argv, io.env)
  const options = toCompressionOptions(config)
  const limits = { maxPixels: config.maxPixels, maxBytes: config.maxFileSize }
  const style = styleFor(io.stdout)
  await refuseFolders(positionals)
  let failed = false
  for (const file of positionals) {
    try {
      const inspection = await inspectFile(file, options, { limits })
      const lines = config.json
        ? [JSON.stringify({ path: file, ...inspection })]
        : renderInspection(file, inspection, style)
      io.stdout.write(`${lines.join('\n')}\n`)
    } catch (cause) {
      failed = true
      const error = toKompressorError(cause).toBody()
      io.stdout.write(
        config.json ? `${JSON.stringify({ path: file, error })}\n` : failure(file, error, style.red),
      )
    }
  }
  return failed ? 1 : 0
}

function failure(file: string, { code, message }: ErrorBody, red: (text: string) => string): string {
  return `${red(printable(file))}  ${code}\n  ${printable(message)}\n`
}

/** @throws KompressorError invalid_configuration */
async function refuseFolders(files: readonly string[]): Promise<void> {
  const faults: string[] = []
  for (const file of files) {
    const stats = await stat(file).catch((error: NodeJS.ErrnoException) => {
      faults.push(error.code === 'ENOENT' ? `there is no file ${file}` : `${file}: ${error.message}`)
    })
    if (stats?.isDirectory()) faults.push(`${file} is a folder; inspect takes files: ${file}/*`)
  }
  if (faults.length > 0) throw new KompressorError('invalid_configuration', faults.join('\n'))
}
