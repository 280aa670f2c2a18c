import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import path from 'node:path'
import { type Identity, writeKubeconfig, writeServiceAccountKey } from './credentials.ts'
import { freePorts, type Machine, startMachine } from './machine.ts'
import { type BuildOptions, controlPlaneParts, ensureParts, type Programs } from './parts.ts'

export interface ControlPlane {
  /** Path of a kubeconfig of somebody who may do everything. */
  readonly kubeconfig: string
  /** Where the logs of the parts are, as long as it runs. */
  readonly folder: string
  /** Kills the API server and starts it again on the same port; clients see their connections cut. */
  restartApiServer(): Promise<void>
  /** Kills the API server; startApiServer brings it back. */
  stopApiServer(): Promise<void>
  startApiServer(): Promise<void>
  stop(): Promise<void>
}

/**
 * A real control plane: etcd, API server, controller manager and scheduler, ready in about three seconds. No root and no
 * nodes: what needs no running pod can be tried here.
 *
 * There is no PKI. The API server signs its own certificate, everybody has a token, and RBAC is on with the bootstrap
 * bindings only.
 */
export async function startControlPlane({
  without = [],
  ...options
}: BuildOptions & {
  /** Controllers of the controller manager that are not to run. */
  without?: readonly 'garbage-collector-controller'[]
}): Promise<ControlPlane> {
  const programs = await ensureParts(controlPlaneParts, options)
  const machine = await startMachine('kompressor-cluster-')
  return await orStop(machine, () => runControlPlane(machine, programs, { ...onThisMachine, without }))
}

/** Where a control plane runs. */
export interface Place {
  /** Of the API server, for everybody. */
  address: string
  /** Further flags of the API server. */
  flags: readonly string[]
  /** The command that runs a program there. */
  command(program: string, args: readonly string[]): [program: string, args: readonly string[]]
  /** Controllers that are not to run. */
  without?: readonly string[]
  /** Who else gets a kubeconfig, etc/NAME.kubeconfig. */
  identities: Readonly<Record<string, Identity>>
}

const onThisMachine: Place = {
  address: '127.0.0.1',
  flags: [
    '--bind-address=127.0.0.1',
    // Must not be a loopback address; nobody connects to it, because there are no endpoints to hold it.
    '--advertise-address=192.0.2.1',
    '--endpoint-reconciler-type=none',
  ],
  command: (program, args) => [program, args],
  identities: {},
}

/** Ends the machine when what is to run on it does not start. */
export async function orStop<T>(machine: Machine, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    await machine.stop()
    throw error
  }
}

export async function runControlPlane(
  machine: Machine,
  programs: Programs<(typeof controlPlaneParts)[number]>,
  { address, flags, command, without = [], identities }: Place,
): Promise<ControlPlane> {
  const at = (...names: string[]) => path.join(machine.folder, ...names)
  const [client = 0, peer = 0, secure = 0, manager = 0, scheduler = 0] = await freePorts(5)
  const etcd = `http://127.0.0.1:${client}`
  const cluster = {
    server: `https://${address}:${secure}`,
    certificate: at('pki', 'apiserver.crt'),
    tokens: at('etc', 'tokens.csv'),
  }
  const start = (name: keyof typeof programs, args: readonly string[]) =>
    machine.start(name, ...command(programs[name], args))

  async function startApiServer() {
    await start('kube-apiserver', [
      `--etcd-servers=${etcd}`,
      `--secure-port=${secure}`,
      `--cert-dir=${at('pki')}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${at('pki', 'sa.key')}`,
      `--service-account-key-file=${at('pki', 'sa.key')}`,
      `--token-auth-file=${cluster.tokens}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      ...flags,
    ])
    await machine.waitFor('kube-apiserver', () => answers(`${cluster.server}/readyz`))
  }

  for (const name of ['etc', 'pki', 'etcd']) await mkdir(at(name), { mode: 0o700, recursive: true })
  await writeServiceAccountKey(at('pki', 'sa.key'))
  await writeFile(cluster.tokens, '', { mode: 0o600 })
  const kubeconfig = at('admin.kubeconfig')
  await writeKubeconfig(kubeconfig, cluster, { user: 'admin', groups: ['system:masters'] })
  const own = ['kube-controller-manager', 'kube-scheduler'].map((name) => [name, { user: `system:${name}` }])
  for (const [name, identity] of Object.entries<Identity>({ ...Object.fromEntries(own), ...identities })) {
    await writeKubeconfig(at('etc', `${name}.kubeconfig`), cluster, identity)
  }

  await start('etcd', [
    '--name=kompressor',
    `--data-dir=${at('etcd')}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=kompressor=http://127.0.0.1:${peer}`,
  ])
  await startApiServer()
  await start('kube-controller-manager', [
    `--kubeconfig=${at('etc', 'kube-controller-manager.kubeconfig')}`,
    `--bind-address=${address}`,
    `--secure-port=${manager}`,
    `--cert-dir=${at('pki', 'manager')}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${at('pki', 'sa.key')}`,
    `--root-ca-file=${cluster.certificate}`,
    `--controllers=${['*', ...without.map((name) => `-${name}`)]}`,
  ])
  await start('kube-scheduler', [
    `--kubeconfig=${at('etc', 'kube-scheduler.kubeconfig')}`,
    `--bind-address=${address}`,
    `--secure-port=${scheduler}`,
    `--cert-dir=${at('pki', 'scheduler')}`,
    '--leader-elect=false',
  ])
  await machine.waitFor('kube-controller-manager', () => answers(`https://${address}:${manager}/healthz`))
  return {
    kubeconfig,
    folder: machine.folder,
    startApiServer,
    stopApiServer: () => machine.end('kube-apiserver', 'SIGKILL'),
    async restartApiServer() {
      await machine.end('kube-apiserver', 'SIGKILL')
      await startApiServer()
    },
    stop: () => machine.stop(),
  }
}

/** Whether the address answers 200. The certificate is not looked at: only this machine can be at the other end. */
export async function answers(url: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const call = request(url, { rejectUnauthorized: false, timeout: 1000, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    call.on('timeout', () => call.destroy())
    call.on('error', () => resolve(false))
    call.end()
  })
}
