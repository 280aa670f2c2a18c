import { parse } from 'yaml'
import { z } from 'zod'
import { KompressorError } from '../errors/index.ts'
import { finiteRules } from './finite/rules.ts'
import { group, kind, specSchema, version } from './schema/index.ts'

const manifestSchema = z.object({
  apiVersion: z.literal(`${group}/${version}`),
  kind: z.literal(kind),
  metadata: z.object({ name: z.string() }),
  spec: specSchema,
})

/**
 * A CompressionJob over a bucket as a file has it, with its defaults, for who runs it without an API server. Throws
 * invalid_configuration, with the field and what is wrong with it.
 */
export function readManifest(text: string) {
  const parsed = manifestSchema.safeParse(parseYaml(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(`${issue?.path.join('.') || 'the manifest'}: ${issue?.message}`)
  }
  const { metadata, spec } = parsed.data
  const { source, output, reads } = finiteRules(spec)
  if (spec.source.s3 === undefined || spec.output === undefined)
    throw invalid('only buckets can be read here')
  return {
    name: metadata.name,
    source: { ...source, ...connectionOf(spec.source.s3) },
    output: { bucket: spec.output.s3.bucket, prefix: output.prefix, ...connectionOf(spec.output.s3) },
    filter: reads.filter,
    keyTemplate: output.keyTemplate,
    onExisting: output.onExisting,
    preserve: output.preserve,
    options: spec.compression,
  }
}

function connectionOf({ endpoint, region }: { endpoint?: string | undefined; region?: string | undefined }) {
  return { ...(endpoint !== undefined && { endpoint }), ...(region !== undefined && { region }) }
}

function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function invalid(message: string, cause?: unknown): KompressorError {
  return new KompressorError('invalid_configuration', message, { cause })
}
