import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { type KedaSettings, startKeda, tickSeconds } from '../../../internal/autoscale/simulate/index.ts'
import { createKafkaBroker } from '../../../internal/broker/index.ts'
import { defineResource } from '../../../internal/kube/index.ts'
import type { Installation } from '../installation.ts'

const deployments = defineResource(
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  {
    spec: z.object({ replicas: z.number().default(1) }),
    status: z.object({ replicas: z.number().default(0) }),
  },
)

/**
 * Does to a job's workers what KEDA and the HorizontalPodAutoscaler it makes would do, by the same functions as in the
 * simulation: from the lag of the group, as Kafka tells it to everybody, to replicas of the Deployment. The job has to be
 * in DryRun. Returns what ends it.
 */
export function driveByKeda(
  { client, servers }: Pick<Installation, 'client' | 'servers'>,
  { namespace, name, uid }: { namespace: string; name: string; uid: string },
  settings: KedaSettings,
): { stop(): Promise<void> } {
  const own = `${namespace}.${name}.${uid.slice(0, 8)}`
  const broker = createKafkaBroker({ brokers: [servers.kafka.brokers], clientId: 'keda' })
  const decide = startKeda(settings)
  const stopping = new AbortController()

  async function look(): Promise<void> {
    const deployment = await client.get(deployments, { namespace, name: `${name}-worker` })
    if (deployment === undefined) throw new Error(`${namespace}/${name} has no workers' Deployment`)
    const lag = await broker.lag(`kompressor-workers.${own}`, `file-compression.${own}`)
    const { replicas } = deployment.spec
    const wanted = decide({
      at: performance.now() / 1_000,
      answers: true,
      lag: lag.map(({ end, committed }) => Number(end - committed)),
      replicas,
      pods: deployment.status.replicas,
    })
    if (wanted !== replicas) await client.scale(deployments, deployment.metadata, wanted)
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look()
      await delay(tickSeconds * 1_000, undefined, { signal: stopping.signal }).catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error
      })
    }
  }
  const running = loop()
  return {
    async stop() {
      stopping.abort()
      await running
      await broker.close()
    },
  }
}
