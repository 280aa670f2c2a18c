import { readFile } from 'node:fs/promises'
import { exists } from '../../support/cache.ts'
import { run } from './run.ts'

/** What a node is made of that Debian has, by the file that shows it is there. */
const packages = {
  containerd: '/usr/bin/containerd',
  runc: '/usr/sbin/runc',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  buildah: '/usr/bin/buildah',
  mmdebstrap: '/usr/bin/mmdebstrap',
  // kube-proxy runs it.
  nftables: '/usr/sbin/nft',
  iproute2: '/usr/sbin/ip',
  openssl: '/usr/bin/openssl',
} as const

/** CAP_SYS_ADMIN: namespaces and mounts. */
const sysAdmin = 21n

/** Why this machine cannot be a node, or undefined when it can. What it says is for people. */
export async function notNode(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'a node needs Linux'
  if (process.getuid?.() !== 0) return 'a node needs root: its own namespaces, mounts and interfaces'
  const status = await readFile('/proc/self/status', 'utf8')
  const effective = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1] ?? '0'}`)
  if ((effective & (1n << sysAdmin)) === 0n) return 'a node needs the capability CAP_SYS_ADMIN'
  const lacking = await missingPackages()
  if (lacking.length === 0 || (await exists('/usr/bin/apt-get'))) return undefined
  return `a node needs ${lacking.join(', ')}, and there is no apt-get to install them with`
}

/** Installs what is missing. */
export async function ensurePackages(say: (line: string) => void): Promise<void> {
  const lacking = await missingPackages()
  if (lacking.length === 0) return
  say(`installing ${lacking.join(', ')}: once, about a minute`)
  await run('apt-get', ['update'])
  await run('apt-get', ['install', '--yes', '--no-install-recommends', ...lacking])
}

async function missingPackages(): Promise<string[]> {
  const there = await Promise.all(Object.values(packages).map(exists))
  return Object.keys(packages).filter((_, i) => !there[i])
}
