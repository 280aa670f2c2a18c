import { conditionTypes, group, kind, version } from '../schema/index.ts'
import { compressionJobStructure, shortName } from './crd.ts'
import { type Example, examples } from './examples.ts'
import type { Structural } from './structural.ts'

/** docs/reference/compressionjob.md: every field of the CompressionJob with its type, default, range and rules. */
export function compressionJobReference(): string {
  const { spec, status } = compressionJobStructure().properties ?? {}
  return [
    `# ${kind}`,
    '<!-- Generated from internal/operator/schema by `npm run generate`. -->',
    `\`${group}/${version}\`, short name \`${shortName}\`, category \`kompressor\`. \`kubectl explain ${shortName}.spec\` says the same in a ` +
      'terminal. A duration is written `30s`, `5m`, `8h` or `7d`, a size `10KiB` or `5GB`. Everything is checked by the ' +
      'API server when it is applied; what it refuses it explains.',
    `## Examples\n\n${examples.map(exampleLine).join('\n')}`,
    ...sections('spec', spec ?? {}),
    ...sections('status', status ?? {}),
    `## Conditions\n\n| type | when it is True |\n| --- | --- |\n${Object.entries(conditionTypes)
      .map(([type, meaning]) => `| \`${type}\` | ${meaning} |`)
      .join('\n')}\n`,
  ].join('\n\n')
}

function exampleLine({ name, about }: Example): string {
  return `- [${name}](../../deploy/examples/${name}.yaml): ${about.join(' ')}`
}

/** A section for the block and for every block in it. */
function sections(path: string, block: Structural): string[] {
  const fields = Object.entries(block.properties ?? {})
  const rows = fields.map(([name, field]) => {
    const required = block.required?.includes(name) ?? false
    const cells = [
      `\`${name}\``,
      typeOf(path, name, field),
      defaultOf(field, required),
      field.description ?? '',
    ]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  const messages = new Set((block['x-kubernetes-validations'] ?? []).map(({ message }) => message))
  const rules = [...messages].map((message) => `- ${message}`)
  return [
    [
      `## ${path}`,
      ...(block.description === undefined ? [] : [block.description]),
      ['| field | type | default | |', '| --- | --- | --- | --- |', ...rows].join('\n'),
      ...(rules.length === 0 ? [] : [`Refused otherwise:\n\n${rules.join('\n')}`]),
    ].join('\n\n'),
    ...fields.flatMap(([name, field]) => {
      const inner = innermost(field)
      return inner.block.properties === undefined
        ? []
        : sections(`${path}.${name}${inner.suffix}`, inner.block)
    }),
  ]
}

/** The block of a list or map of blocks, or the block itself. */
function innermost(field: Structural): { block: Structural; suffix: string } {
  if (field.items !== undefined) return { block: field.items, suffix: '[]' }
  if (field.additionalProperties !== undefined) return { block: field.additionalProperties, suffix: '.*' }
  return { block: field, suffix: '' }
}

function typeOf(path: string, name: string, field: Structural): string {
  const { block, suffix } = innermost(field)
  if (block.properties !== undefined) {
    const anchor = `${path}.${name}${suffix}`.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
    const word = suffix === '[]' ? 'list' : suffix === '.*' ? 'map' : 'object'
    return `[${word}](#${anchor})`
  }
  if (suffix === '[]') return `list of ${scalar(block)}`
  if (suffix === '.*') return `map of ${scalar(block)}`
  return scalar(field)
}

function scalar(field: Structural): string {
  if (field['x-kubernetes-int-or-string']) return 'number or string'
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(' | ')
  if (field.format === 'date-time') return 'time'
  const { minimum, maximum } = field
  const range =
    minimum !== undefined && maximum !== undefined
      ? `, ${minimum} to ${maximum}`
      : minimum !== undefined
        ? `, at least ${minimum}`
        : ''
  return `${field.type ?? 'any'}${range}`
}

function defaultOf(field: Structural, required: boolean): string {
  if (required) return 'required'
  if (field.default === undefined || (field.properties !== undefined && field.default !== undefined))
    return ''
  return `\`${JSON.stringify(field.default)}\``
}
