import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { compressFile } from './compress-file.ts'
import { detect } from './detect/index.ts'
import type { CompressionOptions } from './options.ts'
import { type CodecLimits, defaultLimits } from './request.ts'
import type { Compressed, OutputInfo } from './result.ts'

export interface InspectOptions {
  limits?: CodecLimits
  /** Where the trial output is written and removed again; the system's temporary folder by default. */
  temporaryFolder?: string
  signal?: AbortSignal
}

/** What a file is and what compression would come to. */
export interface Inspection extends Omit<Compressed, 'outputs'> {
  /** Without a path: the trial outputs are gone. */
  outputs: OutputInfo[]
  /** The sizes are extrapolated from samples, which happens to data above 64 MiB. */
  estimated: boolean
  /** Of the input's bytes, 0-100. */
  savedPercent: number
}

/** Data up to this size is compressed whole. */
const wholeBytes = 64 * 1024 * 1024
const sampleBytes = 4 * 1024 * 1024
const samples = 4

/**
 * Tells what would be done to a file by doing it in a temporary folder: images always, data up to 64 MiB; of larger
 * data, 16 MiB from four places. Writes nothing that stays. Rejects like `compressFile`.
 */
export async function inspectFile(
  path: string,
  options: CompressionOptions,
  { limits = defaultLimits, temporaryFolder = tmpdir(), signal }: InspectOptions = {},
): Promise<Inspection> {
  const folder = await mkdtemp(join(temporaryFolder, 'kompressor-inspect-'))
  try {
    const { size } = await stat(path)
    const sampled = size > wholeBytes && size <= limits.maxBytes && (await detect(path)).class === 'data'
    const input = sampled ? await sample(path, size, folder) : path
    const name = basename(path)
    const output = join(folder, 'output')
    const result = await compressFile({ id: path, name, input, output, options, limits }, { signal })
    return sampled ? extrapolated(result, size) : described(result, false)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function described({ outputs, ...result }: Compressed, estimated: boolean): Inspection {
  return {
    ...result,
    outputs: outputs.map(({ path: _, ...output }) => output),
    estimated,
    savedPercent: (1 - result.bytesOut / result.bytesIn) * 100,
  }
}

function extrapolated(result: Compressed, size: number): Inspection {
  const scale = size / result.bytesIn
  const grown = (bytes: number) => Math.round(bytes * scale)
  return described(
    {
      ...result,
      bytesIn: size,
      bytesOut: grown(result.bytesOut),
      cpuMs: result.cpuMs * scale,
      outputs: result.outputs.map((output) => ({ ...output, bytes: grown(output.bytes) })),
    },
    true,
  )
}

/** Pieces from the start to the end of the file, joined in one. The first one keeps the type recognisable. */
async function sample(path: string, size: number, folder: string): Promise<string> {
  const out = join(folder, 'sample')
  await using from = await open(path)
  await using to = await open(out, 'wx')
  for (let i = 0; i < samples; i++) {
    const position = Math.floor(((size - sampleBytes) * i) / (samples - 1))
    const { buffer, bytesRead } = await from.read(Buffer.alloc(sampleBytes), 0, sampleBytes, position)
    await to.write(buffer, 0, bytesRead)
  }
  return out
}
