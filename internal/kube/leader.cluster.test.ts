import { once } from 'node:events'
import { expect, it, vi } from 'vitest'
import { describeOnCluster, startCuttable } from '../../tools/cluster/index.ts'
import { type Client, createClient, createTransport, loadKubeConfig, runForLeader } from './index.ts'
import { leases } from './lease-resource.ts'

const until = async (signal: AbortSignal) => {
  if (!signal.aborted) await once(signal, 'abort')
}

describeOnCluster('leader election', ({ client, namespace, kubeconfig }) => {
  /** A candidate that writes down when it leads. */
  function candidate(name: string, lease: string, log: string[], through: Client = client) {
    const stopping = new AbortController()
    const outcome = runForLeader({
      client: through,
      lease: { namespace, name: lease },
      identity: name,
      signal: stopping.signal,
      async work(signal) {
        log.push(`${name} leads`)
        await until(signal)
        log.push(`${name} ends`)
      },
      onError: () => undefined,
      now: () => performance.now(),
      random: Math.random,
      durationMs: 6000,
      renewDeadlineMs: 4000,
      retryMs: 300,
    })
    return { outcome, stop: () => stopping.abort() }
  }

  it('has one leader, and the next one at once when it gives the lease back', async () => {
    const log: string[] = []
    const a = candidate('a', 'given-back', log)
    await vi.waitUntil(() => log.length === 1, { timeout: 20_000 })
    const b = candidate('b', 'given-back', log)
    // Long enough for several attempts of b, and for a's lease to expire had it not been renewed.
    const { spec: before } = (await client.get(leases, { namespace, name: 'given-back' })) ?? {}
    await vi.waitUntil(
      async () => {
        const { spec } = (await client.get(leases, { namespace, name: 'given-back' })) ?? {}
        return Date.parse(spec?.renewTime ?? '') > Date.parse(before?.renewTime ?? '') + 7000
      },
      { timeout: 40_000, interval: 200 },
    )
    expect(log).toEqual(['a leads'])
    const stopped = performance.now()
    a.stop()
    expect(await a.outcome).toBe('released')
    await vi.waitUntil(() => log.length === 3, { timeout: 20_000 })
    // Without the release it would have taken the 6 s of the lease.
    expect(performance.now() - stopped).toBeLessThan(5500)
    expect(log).toEqual(['a leads', 'a ends', 'b leads'])
    b.stop()
    await b.outcome
    const { spec } = (await client.get(leases, { namespace, name: 'given-back' })) ?? {}
    expect(spec).toMatchObject({ holderIdentity: '', leaseTransitions: 1 })
  })

  it('ends the work of a leader that cannot renew before another one begins', async () => {
    const line = await startCuttable(kubeconfig)
    const transport = createTransport(loadKubeConfig({ kubeconfig: line.kubeconfig }), {
      userAgent: 'kompressor-tests',
    })
    const log: string[] = []
    const a = candidate('a', 'cut-off', log, createClient(transport, { fieldManager: 'a' }))
    await vi.waitUntil(() => log.length === 1, { timeout: 20_000 })
    const b = candidate('b', 'cut-off', log)
    line.stall()
    expect(await a.outcome).toBe('lost')
    await vi.waitUntil(() => log.length === 3, { timeout: 20_000 })
    expect(log).toEqual(['a leads', 'a ends', 'b leads'])
    b.stop()
    await b.outcome
    transport.close()
    await line.close()
  })
})
