import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { buildApplication, hostAddress, notNode, startNode } from '../../tools/cluster/index.ts'

/** A cluster with nodes, and what has to be known of it to install Kompressor there. */
export interface Place {
  kubeconfig: string
  /** Address at which its pods reach this machine. */
  host: string
  /** An image of Kompressor that its nodes have or can pull. */
  image: string
  /** Whether it goes with the tests, and whether Services are reached from here. */
  ours: boolean
  stop(): Promise<void>
}

interface Options {
  env: NodeJS.ProcessEnv
  say: (line: string) => void
}

const root = path.join(import.meta.dirname, '../..')

/** Why there is no such cluster; undefined when `openPlace` has one. */
export async function notPlace(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (!env.KUBECONFIG) return await notNode()
  const missing = ['KOMPRESSOR_TEST_IMAGE', 'KOMPRESSOR_TEST_HOST'].filter((name) => !env[name])
  return missing.length === 0
    ? undefined
    : `KUBECONFIG names a cluster, and ${missing.join(' and ')} must be set with it`
}

/** The cluster KUBECONFIG names, or a node of our own with the image of these sources. */
export async function openPlace(options: Options): Promise<Place> {
  const { KUBECONFIG, KOMPRESSOR_TEST_IMAGE: image = '', KOMPRESSOR_TEST_HOST: host = '' } = options.env
  if (KUBECONFIG) return { kubeconfig: KUBECONFIG, host, image, ours: false, stop: async () => undefined }
  const node = await startNode(options)
  try {
    const own = 'localhost/kompressor:test'
    await buildApplication(node, root, own, options)
    return {
      kubeconfig: node.kubeconfig,
      host: hostAddress,
      image: own,
      ours: true,
      stop: () => node.stop(),
    }
  } catch (error) {
    await node.stop()
    throw error
  }
}

/** Brings a port of a Service here, where Services are not reached, until it is stopped. */
export async function forward(
  program: string,
  { kubeconfig }: Place,
  service: { namespace: string; name: string; port: number },
): Promise<{ url: string; stop(): Promise<void> }> {
  const { namespace, name, port } = service
  const child = spawn(program, ['port-forward', '-n', namespace, `service/${name}`, `:${port}`], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    const local = /127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (local === undefined) continue
    child.stdout.resume()
    return {
      url: `http://127.0.0.1:${local}`,
      async stop() {
        child.kill()
        await exited
      },
    }
  }
  throw new Error(`kubectl forwards no port of ${name}`)
}
