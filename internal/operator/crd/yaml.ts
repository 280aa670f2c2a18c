import { stringify } from 'yaml'

/** YAML as people write it: no line is broken, nothing is an alias. */
export function yamlText(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}
