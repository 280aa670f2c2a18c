import { describe } from 'vitest'
import { missingTools } from '../../tools/services/index.ts'
import { notPlace } from './place.ts'

const say = (line: string) => process.stderr.write(`node: ${line}\n`)

/** A suite with pods of its own; skipped, loudly, where there can be none. In CI that is a failure. */
export async function describeOnNode(
  name: string,
  suite: (say: (line: string) => void) => void,
): Promise<void> {
  const tools = await missingTools()
  const hindrance =
    (await notPlace(process.env)) ?? (tools.length > 0 ? `${tools.join(', ')} cannot be found` : undefined)
  if (hindrance !== undefined) {
    if (process.env.CI) throw new Error(`suites with pods must run here, but ${hindrance}`)
    say(`!! SKIPPED: ${name}. ${hindrance}.`)
  }
  describe.skipIf(hindrance !== undefined)(name, () => suite(say))
}
