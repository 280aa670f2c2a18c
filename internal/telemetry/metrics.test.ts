import { describe, expect, it } from 'vitest'
import { createMetrics, formatLabel, type Metrics, metricsReference } from './index.ts'

async function seriesOf(metrics: Metrics): Promise<Map<string, number>> {
  const { body } = await metrics.scrape()
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

const bare = () => createMetrics({ processMetrics: false })

describe('createMetrics', () => {
  it('keeps every set of metrics to itself', async () => {
    const [one, other] = [bare(), bare()]
    one.bytesIn.inc(10)
    expect((await seriesOf(one)).get('kompressor_bytes_in_total')).toBe(10)
    expect((await seriesOf(other)).get('kompressor_bytes_in_total')).toBe(0)
  })

  it('shows counters with closed labels at zero before anything happened', async () => {
    const series = await seriesOf(bare())
    expect(series.get('kompressor_failures_total{code="corrupt_input"}')).toBe(0)
    expect(series.get('kompressor_pool_starts_total{reason="crashed"}')).toBe(0)
  })

  it('counts, sets and observes with labels', async () => {
    const metrics = bare()
    metrics.failures.inc({ code: 'empty_file' })
    metrics.failures.inc({ code: 'empty_file' }, 2)
    metrics.files.set({ state: 'queued' }, 7)
    metrics.httpConnections.inc({ kind: 'sse' })
    metrics.httpConnections.dec({ kind: 'sse' })
    metrics.compressionSeconds.observe({ format: 'jpeg' }, 0.2)
    const series = await seriesOf(metrics)
    expect(series.get('kompressor_failures_total{code="empty_file"}')).toBe(3)
    expect(series.get('kompressor_files{state="queued"}')).toBe(7)
    expect(series.get('kompressor_http_connections{kind="sse"}')).toBe(0)
    expect(series.get('kompressor_compression_seconds_count{format="jpeg"}')).toBe(1)
    expect(series.get('kompressor_compression_seconds_bucket{le="0.25",format="jpeg"}')).toBe(1)
  })

  it('serves the metrics of the process too', async () => {
    const { body, contentType } = await createMetrics().scrape()
    expect(body).toContain('process_resident_memory_bytes')
    expect(contentType).toContain('text/plain')
  })

  it('names everything as Prometheus asks: a prefix, units, _total for counters alone', () => {
    for (const { name, type, help } of bare().descriptions) {
      expect(name).toMatch(/^kompressor_[a-z_]+$/)
      expect(name.endsWith('_total')).toBe(type === 'counter')
      if (type === 'histogram') expect(name).toMatch(/_seconds$/)
      expect(help).toMatch(/^[A-Z].*\.$/)
    }
  })
})

describe('onCollect', () => {
  it('asks the owner before every scrape until it is taken away', async () => {
    const metrics = bare()
    let depth = 1
    const stop = metrics.onCollect('outbox', async () => metrics.outboxTasks.set(depth++))
    expect((await seriesOf(metrics)).get('kompressor_outbox_tasks')).toBe(1)
    expect((await seriesOf(metrics)).get('kompressor_outbox_tasks')).toBe(2)
    stop()
    expect((await seriesOf(metrics)).get('kompressor_outbox_tasks')).toBe(2)
  })

  it('counts and reports a collector that fails, and serves the rest', async () => {
    const reported: unknown[] = []
    const metrics = createMetrics({
      processMetrics: false,
      onCollectError: (name, error) => reported.push([name, error]),
    })
    const failure = new Error('no database')
    metrics.onCollect('files', () => {
      throw failure
    })
    metrics.onCollect('outbox', () => metrics.outboxTasks.set(3))
    const series = await seriesOf(metrics)
    expect(series.get('kompressor_outbox_tasks')).toBe(3)
    expect(series.get('kompressor_collect_failures_total{collector="files"}')).toBe(1)
    expect(reported).toEqual([['files', failure]])
  })

  it('does not wait for a collector that hangs, and tells it so', async () => {
    const metrics = createMetrics({ processMetrics: false, collectDeadlineMs: 20 })
    let told: AbortSignal | undefined
    metrics.onCollect('files', (signal) => {
      told = signal
      return new Promise<void>(() => undefined)
    })
    expect((await seriesOf(metrics)).get('kompressor_collect_failures_total{collector="files"}')).toBe(1)
    expect(told?.aborted).toBe(true)
  })

  it('collects once for scrapes that overlap', async () => {
    const metrics = bare()
    let runs = 0
    metrics.onCollect('files', async () => void runs++)
    await Promise.all([metrics.scrape(), metrics.scrape(), metrics.scrape()])
    expect(runs).toBe(1)
  })

  it('refuses a second collector of the same name', () => {
    const metrics = bare()
    metrics.onCollect('files', () => undefined)
    expect(() => metrics.onCollect('files', () => undefined)).toThrow('the collector files exists already')
  })
})

describe('formatLabel', () => {
  it.each([
    [{ type: 'image/jpeg' }, 'jpeg'],
    [{ type: 'image/avif' }, 'avif'],
    [{ type: 'application/zstd' }, 'zstd'],
    [{ type: 'application/x-brotli' }, 'brotli'],
    [{ type: 'text/csv', contentEncoding: 'br' }, 'brotli'],
    [{ type: 'text/csv', contentEncoding: 'gzip' }, 'gzip'],
    [{ type: 'text/csv' }, 'other'],
    [undefined, 'none'],
  ])('%j is %s', (output, expected) => {
    expect(formatLabel(output)).toBe(expected)
  })
})

describe('metricsReference', () => {
  it('has a row for every metric, with its labels and buckets', () => {
    const text = metricsReference(bare().descriptions)
    expect(text).toContain('| `kompressor_pool_slots` | gauge | `state`: `busy` `idle` |')
    expect(text).toContain('| `kompressor_failures_total` | counter | `code`: an error code |')
    expect(text).toMatch(/`kompressor_fold_seconds` \| 0\.001, /)
  })
})
