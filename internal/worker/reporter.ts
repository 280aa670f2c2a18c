import type { Broker, OutgoingRecord } from '../broker/index.ts'
import { type ChunkReport, envelopeHeaders, type Report, reportTopic } from '../messages/index.ts'

export interface Reporter {
  /** Resolves when the report is durable in the broker. Reports that come while one is being sent go together. */
  send(report: Report | ChunkReport, headers: Record<string, string>): Promise<void>
}

interface Waiting {
  record: OutgoingRecord
  resolve: () => void
  reject: (error: unknown) => void
}

export function createReporter(broker: Broker): Reporter {
  let waiting: Waiting[] = []
  let sending = false

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await broker.produce(
          reportTopic,
          batch.map((w) => w.record),
        )
        for (const w of batch) w.resolve()
      } catch (error) {
        for (const w of batch) w.reject(error)
      }
    }
    sending = false
  }

  return {
    send(report, headers) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      // One key per file or chunk keeps its reports in order.
      const key = 'fileId' in report ? report.fileId : report.taskId
      waiting.push({
        record: { key, value: JSON.stringify(report), headers: { ...headersOf(report), ...headers } },
        resolve,
        reject,
      })
      if (!sending) {
        sending = true
        // What is reported in the same breath goes along.
        queueMicrotask(drain)
      }
      return promise
    },
  }
}

function headersOf(report: Report | ChunkReport): Record<string, string> {
  const { taskId, attempt, jobUid, worker, at } = report
  const common = { source: `/jobs/${jobUid}/workers/${worker}`, time: new Date(at) }
  return 'fileId' in report
    ? envelopeHeaders('report', { id: `${taskId}.${attempt}.${report.seq}`, ...common })
    : envelopeHeaders('chunkReport', { id: `${taskId}.${attempt}.${report.kind}.${at}`, ...common })
}
