import { size } from '../../config/index.ts'
import { KompressorError } from '../../errors/index.ts'
import type { OutputRules, SourceRules } from '../../messages/index.ts'
import { checkTemplate, defaultKeyTemplate } from '../../outputs/index.ts'
import { createFilter, type ReadRules, readRulesSchema } from '../../source/index.ts'
import type { CompressionJobSpec } from '../schema/index.ts'

/** What a finite job reads and writes, in the words of those who do it. */
export interface FiniteRules {
  source: SourceRules
  output: OutputRules
  reads: ReadRules
}

type Output = NonNullable<CompressionJobSpec['output']>

/**
 * The rules of a job that ends. Throws invalid_configuration for what the CRD cannot see: a template that could collide, a
 * glob that is none, what this version does not do.
 */
export function finiteRules({ mode, source, output }: CompressionJobSpec): FiniteRules {
  const estimates = mode === 'Estimate'
  if (estimates && source.s3 === undefined)
    throw refused('mode Estimate needs source.s3: lists of files are not estimated yet')
  if (output === undefined && !estimates) throw refused('output is missing: say where the results go')
  const rules = { output: output === undefined ? noOutput : outputRules(output), ...sourceRules(source) }
  checkTemplate(rules.output.keyTemplate)
  if (rules.reads.kind === 'prefix') createFilter(rules.reads.filter, rules.source.prefix)
  return rules
}

/** Of an estimate that is in the status alone: nothing is written. */
const noOutput: OutputRules = {
  prefix: '',
  keyTemplate: defaultKeyTemplate,
  onExisting: 'Skip',
  preserve: [],
}

type Source = CompressionJobSpec['source']

function sourceRules({ s3, csv, urls }: Source): Omit<FiniteRules, 'output'> {
  if (s3 !== undefined) return bucketRules(s3)
  const reads = csv === undefined ? { kind: 'urls', urls } : csvRules(csv)
  return { source: nowhere, reads: readRulesSchema.parse(reads) }
}

/** Addresses are whole: no bucket and no prefix is a part of them. */
const nowhere: SourceRules = { bucket: '', prefix: '' }

function csvRules({
  s3,
  configMapKeyRef,
  columns,
  header,
  delimiter,
}: NonNullable<Source['csv']>): ReadRules {
  const name =
    s3 === undefined
      ? `key ${configMapKeyRef?.key} in a ConfigMap ${configMapKeyRef?.name}`
      : `s3://${s3.bucket}/${s3.key}`
  const rules = { header, delimiter, columns: columns ?? { url: header ? 'url' : '1' } }
  return { kind: 'csv', name, rules, ...(s3 !== undefined && { key: s3.key }) }
}

function bucketRules(s3: NonNullable<Source['s3']>): Omit<FiniteRules, 'output'> {
  const { bucket, prefix, include = [], exclude = [], minSize, maxSize, modifiedAfter, storageClasses } = s3
  const bytes = size()
  const filter = {
    include,
    exclude,
    ...(minSize !== undefined && { minSize: bytes.parse(minSize) }),
    ...(maxSize !== undefined && { maxSize: bytes.parse(maxSize) }),
    ...(modifiedAfter !== undefined && { modifiedAfter }),
    storageClasses,
  }
  return { source: { bucket, prefix }, reads: readRulesSchema.parse({ kind: 'prefix', filter }) }
}

function outputRules({ s3, onExisting, preserve }: Output): OutputRules {
  const { prefix, keyTemplate = defaultKeyTemplate } = s3
  return { prefix, keyTemplate, onExisting, preserve }
}

function refused(message: string): KompressorError {
  return new KompressorError('invalid_configuration', `spec.${message}`)
}
