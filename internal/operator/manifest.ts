import { parseAllDocuments } from 'yaml'
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
 * A CompressionJob that ends as a file has it, with its defaults, for who runs it without an API server. Where its list is
 * in a ConfigMap, that is a further document of the file. Throws invalid_configuration, with the field and what is wrong
 * with it.
 */
export function readManifest(text: string) {
  const documents = parseYaml(text)
  const parsed = manifestSchema.safeParse(documents.find(isJob) ?? documents[0])
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(`${issue?.path.join('.') || 'the manifest'}: ${issue?.message}`)
  }
  const { metadata, spec } = parsed.data
  if (spec.mode === 'Estimate')
    throw invalid('spec.mode: Estimate is for clusters; here kompressor estimate s3://… does it')
  const { source, output, reads } = finiteRules(spec)
  if (spec.output === undefined) throw invalid('spec.output is missing: say where the results go')
  const { s3, csv } = spec.source
  const from = s3 ?? csv?.s3
  return {
    name: metadata.name,
    source,
    reads,
    ...(from !== undefined && { from: { bucket: from.bucket, ...connectionOf(from) } }),
    ...(csv?.configMapKeyRef !== undefined && { listText: listIn(documents, csv.configMapKeyRef) }),
    output: { bucket: spec.output.s3.bucket, prefix: output.prefix, ...connectionOf(spec.output.s3) },
    replicas: (spec.output.replicas ?? []).map((place) => ({
      bucket: place.bucket,
      prefix: place.prefix,
      ...connectionOf(place),
    })),
    keyTemplate: output.keyTemplate,
    onExisting: output.onExisting,
    preserve: output.preserve,
    options: spec.compression,
    asks: spec.limits ?? {},
  }
}

const configMapSchema = z.object({
  kind: z.literal('ConfigMap'),
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()),
})

function listIn(documents: readonly unknown[], { name, key }: { name: string; key: string }): string {
  for (const document of documents) {
    const { data: found } = configMapSchema.safeParse(document)
    const text = found?.metadata.name === name ? found.data[key] : undefined
    if (text !== undefined) return text
  }
  throw invalid(
    `there is no ConfigMap ${name} with key ${key} in the file: put it there as another document, behind a line of ---`,
  )
}

function isJob(document: unknown): boolean {
  return z.object({ kind: z.literal(kind) }).safeParse(document).success
}

function connectionOf({ endpoint, region }: { endpoint?: string | undefined; region?: string | undefined }) {
  return { ...(endpoint !== undefined && { endpoint }), ...(region !== undefined && { region }) }
}

function parseYaml(text: string): unknown[] {
  try {
    return parseAllDocuments(text).map((document) => {
      const [error] = document.errors
      if (error !== undefined) throw error
      return document.toJS()
    })
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function invalid(message: string, cause?: unknown): KompressorError {
  return new KompressorError('invalid_configuration', message, { cause })
}
