import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { cached, cacheRoot, exists } from '../support/cache.ts'

const run = promisify(execFile)

export const kubernetesVersion = '1.34.4'
const etcdVersion = '3.6.4'
const corednsVersion = '1.13.1'

/** A program that is built from a Go module of this folder; seconds are of two cores with nothing in Go's own cache. */
interface Part {
  module: string
  package: string
  version: string
  seconds: number
}

const kubernetes = (name: string, seconds: number): Part => ({
  module: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  version: kubernetesVersion,
  seconds,
})

const parts = {
  etcd: {
    module: 'kubernetes',
    package: 'go.etcd.io/etcd/server/v3',
    version: etcdVersion,
    seconds: 21,
  },
  'kube-apiserver': kubernetes('kube-apiserver', 222),
  'kube-controller-manager': kubernetes('kube-controller-manager', 66),
  'kube-scheduler': kubernetes('kube-scheduler', 5),
  kubectl: kubernetes('kubectl', 61),
  kubelet: kubernetes('kubelet', 18),
  'kube-proxy': kubernetes('kube-proxy', 14),
  coredns: { module: 'coredns', package: '.', version: corednsVersion, seconds: 60 },
  pause: { module: 'pause', package: '.', version: '1', seconds: 1 },
} as const satisfies Record<string, Part>

export type PartName = keyof typeof parts
export type Programs<N extends PartName = PartName> = Readonly<Record<N, string>>

export const controlPlaneParts = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
] as const satisfies readonly PartName[]

export const nodeParts = [
  ...controlPlaneParts,
  'kubelet',
  'kube-proxy',
  'coredns',
  'pause',
] as const satisfies readonly PartName[]

export interface BuildOptions {
  env: NodeJS.ProcessEnv
  /** Told before something that takes long. */
  say: (line: string) => void
}

/** Paths of the programs, each built when the cache does not have it. One after another: the compiler uses every core. */
export async function ensureParts<N extends PartName>(
  names: readonly N[],
  options: BuildOptions,
): Promise<Programs<N>> {
  const programs: Partial<Record<N, string>> = {}
  for (const name of names) programs[name] = await ensurePart(name, options)
  return programs as Programs<N>
}

async function ensurePart(name: PartName, { env, say }: BuildOptions): Promise<string> {
  const part = parts[name]
  return await cached(partPath(name, env), async (target) => {
    say(`building ${name} ${part.version}: once, about ${part.seconds} s`)
    await run('go', ['build', '-trimpath', '-mod=mod', '-ldflags', ldflags, '-o', target, part.package], {
      cwd: path.join(import.meta.dirname, 'go', part.module),
      env: { ...env, CGO_ENABLED: '0' },
      maxBuffer: 64 * 1024 * 1024,
    })
  })
}

function partPath(name: PartName, env: NodeJS.ProcessEnv): string {
  const folder = parts[name].package.startsWith('k8s.io/kubernetes/') ? 'kubernetes' : name
  return path.join(cacheRoot(env), folder, parts[name].version, name)
}

/** Why the parts cannot be had on this machine, or undefined when they are there or can be built. */
export async function missing(
  names: readonly PartName[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const built = await Promise.all(names.map((name) => exists(partPath(name, env))))
  if (built.every(Boolean)) return undefined
  try {
    await run('go', ['version'], { env })
    return undefined
  } catch {
    return `${names.filter((_, i) => !built[i]).join(', ')} would have to be built and there is no Go compiler on the PATH`
  }
}

/** The version is stamped as Kubernetes' own build does; clients look at it. */
const [major, minor] = kubernetesVersion.split('.')
const ldflags = [
  '-s -w',
  `-X k8s.io/component-base/version.gitVersion=v${kubernetesVersion}`,
  `-X k8s.io/component-base/version.gitMajor=${major}`,
  `-X k8s.io/component-base/version.gitMinor=${minor}`,
].join(' ')
