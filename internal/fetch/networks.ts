import { BlockList, isIP } from 'node:net'
import { KompressorError } from '../errors/index.ts'

/** Which servers may be connected to. */
export interface Networks {
  /** @param address as a socket or the resolver gives it */
  permit(address: string, port: number): boolean
  /** Why one is not permitted, and what to do about it. */
  readonly why: string
}

/** Where connections may lead besides the internet. */
export interface NetworkOptions {
  /** Networks to be reached besides, on every port: `10.1.0.0/16`, `fd00::/8`. */
  allow?: readonly string[]
  /** Option of the installation that names them, for messages. */
  option?: string
  /** Whether the internet may be reached too. Default true. */
  internet?: boolean
}

/**
 * IPv4 networks that are not the internet (IANA's registry of special-purpose addresses), and the one public address
 * that is a cloud's own: Azure answers its machines there.
 */
const specialIPv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/** Everything of IPv6 that is the internet … */
const globalIPv6 = ['2000::/3']
/** … but for what is reserved or carries an IPv4 address that somebody else would unpack: Teredo, 6to4. */
const specialIPv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/** Ports of the internet. A server elsewhere that answers anything has not been asked to by its owner. */
const publicPorts: ReadonlySet<number> = new Set([80, 443])

/**
 * The internet on the ports of HTTP and HTTPS, and nothing private: no loopback, link-local, private, metadata, multicast
 * or reserved address, in IPv4, IPv6 and IPv4 within IPv6. Throws invalid_configuration when a network is none.
 */
export function createNetworks(options: NetworkOptions = {}): Networks {
  const { allow = [], option = '--fetch-allow', internet = true } = options
  const allowed = listOf(allow)
  const special = listOf([...specialIPv4, ...specialIPv6])
  const global = listOf(globalIPv6)
  const what = internet ? 'private or no port of the web' : 'no private network that may be reached'
  return {
    why: `which is ${what}; ${option} names networks that may be reached`,
    permit(address, port) {
      const plain = unpacked(address)
      const family = familyOf(plain)
      if (family === undefined) return false
      if (allowed.check(plain, family)) return true
      if (!internet) return false
      if (!publicPorts.has(port) || special.check(plain, family)) return false
      return family === 'ipv4' || global.check(plain, family)
    },
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(network) ?? []
    const family = familyOf(address)
    const most = family === 'ipv4' ? 32 : 128
    const prefix = bits === undefined ? most : Number(bits)
    if (family === undefined || prefix > most) {
      throw new KompressorError(
        'invalid_configuration',
        `${network} is not a network, such as 10.1.0.0/16 or fd00::/8`,
      )
    }
    list.addSubnet(address, prefix, family)
  }
  return list
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const family = isIP(address)
  // An address with a zone is one of a link.
  if (family === 0 || address.includes('%')) return undefined
  return family === 4 ? 'ipv4' : 'ipv6'
}

/** The IPv4 address that an IPv6 address stands for (mapped, or translated by NAT64), else the address itself. */
function unpacked(address: string): string {
  if (familyOf(address) !== 'ipv6') return address
  const groups = groupsOf(address)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  const isTranslated =
    groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((group) => group === 0)
  if (!isMapped && !isTranslated) return address
  const [high = 0, low = 0] = groups.slice(6)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight groups of an IPv6 address, however it is written. */
function groupsOf(address: string): number[] {
  // The URL parser writes the last 32 bits as groups too.
  const hostname = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = '', tail] = hostname.split('::')
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)))
  if (tail === undefined) return numbers(head)
  const [before, after] = [numbers(head), numbers(tail)]
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
}
