import { describe, expect, it } from 'vitest'
import { createNetworks } from './index.ts'

describe('the networks of the internet', () => {
  const { permit } = createNetworks()

  it.each(['93.184.215.14', '1.1.1.1', '172.15.255.255', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    'have %s',
    (address) => {
      expect(permit(address, 443)).toBe(true)
      expect(permit(address, 80)).toBe(true)
    },
  )

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '169.254.170.2',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.0.1',
    '198.18.0.1',
    '203.0.113.7',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::ffff:0:169.254.169.254',
    '64:ff9b::169.254.169.254',
    '64:ff9b::a00:1',
    '64:ff9b:1::1.1.1.1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '100::1',
    'not an address',
    '',
  ])('do not have %s', (address) => {
    expect(permit(address, 443)).toBe(false)
  })

  it('reach what NAT64 translates to the internet', () => {
    expect(permit('64:ff9b::1.1.1.1', 443)).toBe(true)
  })

  it.each([22, 25, 6379, 8080])('are not reached on port %d', (port) => {
    expect(permit('1.1.1.1', port)).toBe(false)
  })
})

describe('networks that are allowed besides', () => {
  const { permit } = createNetworks({ allow: ['10.1.0.0/16', 'fd00:1::/32', '127.0.0.1'] })

  it.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['10.2.0.1', false],
    ['fd00:1::5', true],
    ['fd00:2::5', false],
    ['127.0.0.1', true],
    ['127.0.0.2', false],
  ])('have %s: %s, on every port', (address, is) => {
    expect(permit(address, 9000)).toBe(is)
  })

  it.each(['10.1', '10.0.0.0/33', 'example.com', 'fe80::1%eth0/64', '10.0.0.0/x', ''])(
    'are not %j',
    (network) => {
      expect(() => createNetworks({ allow: [network] })).toThrow(/is not a network/)
    },
  )
})
