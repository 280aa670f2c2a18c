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
  if (mode === 'Estimate') throw refused('mode Estimate is not there yet')
  if (output === undefined) throw refused('output is missing: say where the results go')
  if (output.replicas !== undefined) throw refused('output.replicas is not there yet for jobs that end')
  const rules = { output: outputRules(output), ...sourceRules(source) }
  checkTemplate(rules.output.keyTemplate)
  createFilter(rules.reads.filter, rules.source.prefix)
  return rules
}

function sourceRules({ s3 }: CompressionJobSpec['source']): Omit<FiniteRules, 'output'> {
  if (s3 === undefined)
    throw refused('source.csv and source.urls are not there yet: copy the files into a bucket')
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
