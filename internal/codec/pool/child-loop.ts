import { toKompressorError } from '../../errors/index.ts'
import type { FileFacts } from '../cost.ts'
import type { CompressRequest } from '../request.ts'
import type { Compressed } from '../result.ts'
import type { FromChild, ToChild } from './messages.ts'

/** What a child does with a file. Both reject with KompressorError or anything else. */
export interface ChildWork<Look> {
  /**
   * What the header says, for the prediction of memory and time, and what compressing is spared by. Cheap, and before
   * memory is granted.
   */
  measure(request: CompressRequest): Promise<{ facts: FileFacts; look?: Look }>
  compress(request: CompressRequest, look: Look | undefined): Promise<Compressed>
}

/** Serves the parent that forked this process, for as long as that lives. Called once, when everything is loaded. */
export function serveParent<Look>(work: ChildWork<Look>): void {
  if (!process.send) throw new Error('this module is the child of a compressor; it is not run by itself')

  // A terminal sends Ctrl-C to the whole process group and some supervisors signal everyone: the parent decides how
  // files end, so the child waits to hear from it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  // Without a parent there is nobody to work for. Not process.exit: that waits for the encoder's threads. Encoders run
  // in those threads, so this is heard while they work; only an endless loop of JavaScript would not hear it.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

  let measured: { request: CompressRequest; look: Look | undefined } | undefined
  process.on('message', async (message: ToChild) => {
    try {
      if (message.type === 'measure') {
        const { request } = message
        const { facts, look } = await work.measure(request)
        measured = { request, look }
        report({ type: 'measured', facts, rss: process.memoryUsage.rss() })
      } else if (measured) {
        const { request, look } = measured
        const result = await work.compress(request, look)
        report({ type: 'compressed', result, rss: process.memoryUsage.rss() })
      }
    } catch (thrown) {
      const { code, message, stack } = toKompressorError(thrown)
      const error = { code, message, ...(stack !== undefined && { stack }) }
      report({ type: 'failed', error, rss: process.memoryUsage.rss() })
    }
  })
  report({ type: 'ready', rss: process.memoryUsage.rss() })
}

function report(message: FromChild): void {
  process.send?.(message)
}
