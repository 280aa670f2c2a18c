/**
 * Preloaded into a worker (`node --import`), makes it one that commits what it is handed before the work is done: the
 * very fault the suite exists to find.
 */
import { registerHooks } from 'node:module'

const careful = 'await run(unit)'
const hasty = 'run(unit).catch(() => undefined)'

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith('/internal/broker/session.ts')) return loaded
    const source = String(loaded.source)
    if (!source.includes(careful)) throw new Error(`${url} does not say "${careful}" any more`)
    return { ...loaded, source: source.replace(careful, hasty) }
  },
})
