import { copyFile, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import {
  createClient,
  createTransport,
  defineResource,
  loadKubeConfig,
} from '../../../internal/kube/index.ts'
import { exists } from '../../support/cache.ts'
import { type ControlPlane, orStop, runControlPlane } from '../control-plane.ts'
import { type Machine, startMachine } from '../machine.ts'
import { type BuildOptions, ensureParts, nodeParts, type Programs } from '../parts.ts'
import { createImages } from './images.ts'
import { hostAddress, linkAddress, nodeAddress, nodeName, podNetwork, serviceNetwork } from './network.ts'
import { ensurePackages, notNode } from './packages.ts'
import { run } from './run.ts'
import { writeSettings } from './settings.ts'

export interface NodeCluster extends ControlPlane {
  /** Lets pods use the image in an archive, under the name it has there. */
  importImage(archive: string): Promise<void>
}

/** The kubelet sets them for the whole machine. */
const sysctls = [
  'vm.overcommit_memory',
  'kernel.panic',
  'kernel.panic_on_oops',
  'kernel.keys.root_maxkeys',
  'kernel.keys.root_maxbytes',
]

/**
 * A cluster of one node on which real pods run: the control plane, containerd, kubelet, kube-proxy and CoreDNS in
 * namespaces of their own. Needs root. One at a time on a machine; who comes second waits.
 *
 * From the host, pods, Services and the API server are reached at their addresses; pods reach the host at hostAddress and
 * nothing else outside.
 */
export async function startNode(options: BuildOptions): Promise<NodeCluster> {
  const hindrance = await notNode()
  if (hindrance !== undefined) throw new Error(hindrance)
  await ensurePackages(options.say)
  const programs = await ensureParts(nodeParts, options)
  const pause = await createImages(options).pause()
  const machine = await startMachine('kompressor-node-', { lock: '/tmp/kompressor-node.lock' })
  return await orStop(machine, async () => {
    const node = await runNode(machine, programs)
    await node.importImage(pause)
    return node
  })
}

async function runNode(
  machine: Machine,
  programs: Programs<(typeof nodeParts)[number]>,
): Promise<NodeCluster> {
  const { folder } = machine
  const at = (...names: string[]) => path.join(folder, ...names)
  const here = import.meta.dirname
  await writeFile(at('sysctl'), await run('sysctl', sysctls))
  await copyFile(path.join(here, 'cleanup.sh'), at('cleanup'))
  await writeSettings(folder)

  const spaces = ['--mount', '--pid', '--net', '--uts', '--ipc']
  await machine.start('node', 'unshare', [
    ...[...spaces, '--fork', '--mount-proc', '--kill-child=KILL'],
    ...[path.join(here, 'namespaces.sh'), folder, nodeName, nodeAddress],
  ])
  const first = await firstProcess(machine)
  await link(first)
  await machine.waitFor('node', () => exists(at('up')))

  // Killing what enters the namespaces kills what it has brought there.
  const command = (program: string, args: readonly string[]): [string, readonly string[]] => [
    'nsenter',
    [`--target=${first}`, ...spaces, 'setpriv', '--pdeathsig', 'KILL', program, ...args],
  ]
  const start = (name: string, program: string, args: readonly string[]) =>
    machine.start(name, ...command(program, args))

  const socket = at('containerd.sock')
  await start('containerd', 'containerd', ['--config', at('etc/containerd.toml')])
  const plane = await runControlPlane(machine, programs, {
    address: nodeAddress,
    flags: [
      `--advertise-address=${nodeAddress}`,
      `--kubelet-client-certificate=${at('pki/kubelet-client.crt')}`,
      `--kubelet-client-key=${at('pki/kubelet-client.key')}`,
      '--kubelet-preferred-address-types=InternalIP',
    ],
    command,
    identities: {
      kubelet: { user: `system:node:${nodeName}`, groups: ['system:nodes'] },
      'kube-proxy': { user: 'system:kube-proxy' },
      coredns: { user: 'coredns' },
    },
  })
  await start('kubelet', programs.kubelet, [
    `--config=${at('etc/kubelet.yaml')}`,
    `--kubeconfig=${at('etc/kubelet.kubeconfig')}`,
    `--root-dir=${at('kubelet')}`,
    `--cert-dir=${at('pki/kubelet')}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${nodeAddress}`,
  ])
  await start('kube-proxy', programs['kube-proxy'], [
    `--config=${at('etc/kube-proxy.yaml')}`,
    `--hostname-override=${nodeName}`,
  ])
  const transport = createTransport(loadKubeConfig({ kubeconfig: plane.kubeconfig }), {
    userAgent: 'kompressor-node',
  })
  const client = createClient(transport, { fieldManager: 'kompressor-node' })
  try {
    await client.create(clusterRoleBindings, letCorednsRead)
    await start('coredns', programs.coredns, ['-conf', at('etc/Corefile')])
    await machine.waitFor('kubelet', async () => {
      const node = await client.get(nodes, { name: nodeName })
      const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready')
      return ready?.status === 'True'
    })
  } finally {
    transport.close()
  }
  await favourPods()
  await machine.waitFor('coredns', () => answersReady(`http://${nodeAddress}:8181/ready`))
  return {
    ...plane,
    async importImage(archive) {
      await run('ctr', ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive])
    },
    async stop() {
      // Everything else is in its namespaces.
      await machine.end('node', 'SIGKILL')
      await plane.stop()
    },
  }
}

const clusterRoleBindings = defineResource(
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    namespaced: false,
  },
  {},
)
const nodes = defineResource(
  { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
  {
    status: z
      .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional() })
      .optional(),
  },
)

/** Not `view`: that is put together of others seconds after the start, and DNS would be dead until then. */
const letCorednsRead = {
  apiVersion: clusterRoleBindings.apiVersion,
  kind: clusterRoleBindings.kind,
  metadata: { name: 'coredns' },
  roleRef: {
    apiGroup: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    name: 'system:aggregate-to-view',
  },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'coredns' }],
}

/**
 * All pods together weigh as much as one process a core of those that are in no group, as everything on a test machine is:
 * beside a dozen of these no probe would be answered in time. This gives them the weight of ten.
 */
async function favourPods(): Promise<void> {
  const group = '/sys/fs/cgroup'
  if (await exists(`${group}/cpu/kubepods/cpu.shares`)) {
    await writeFile(`${group}/cpu/kubepods/cpu.shares`, '10240')
  } else if (await exists(`${group}/kubepods/cpu.weight`)) {
    await writeFile(`${group}/kubepods/cpu.weight`, '1000')
  }
}

/** PID 1 of the node, by its number out here. */
async function firstProcess(machine: Machine): Promise<number> {
  const unshare = (await readFile(path.join(machine.folder, 'pid/node'), 'utf8')).trim()
  let first = 0
  await machine.waitFor('node', async () => {
    const children = await readFile(`/proc/${unshare}/task/${unshare}/children`, 'utf8')
    first = Number(children.trim())
    return first > 0
  })
  return first
}

/** Joins the host and the node. What is left of it goes with the node's network. */
async function link(first: number): Promise<void> {
  const ip = (...args: string[]) => run('ip', args)
  await ip('link', 'add', 'kube0', 'type', 'veth', 'peer', 'name', 'host0', 'netns', String(first))
  await ip('addr', 'add', `${hostAddress}/30`, 'dev', 'kube0')
  await ip('link', 'set', 'kube0', 'up')
  for (const network of [podNetwork, serviceNetwork]) {
    await ip('route', 'add', network, 'via', linkAddress, 'onlink', 'dev', 'kube0')
  }
}

async function answersReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    await sleep(50)
    return false
  }
}
