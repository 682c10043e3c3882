import { describe, expect, it } from 'vitest'
import { formatIp, ipContains, isLoopback, isMulticast, parseIp } from './ip.ts'
import type { IpValue } from './values.ts'

function ip(text: string): IpValue {
  const value = parseIp(text)
  if (value === undefined) throw new Error(`no address: ${text}`)
  return value
}

describe('parseIp', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.1/32', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::', '::'],
    ['::/0', '::/0'],
    ['::1/128', '::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['::1.2.3.4', '::102:304'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:102:304', '1.2.3.4'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::ffff:0.0.0.0/96', '0.0.0.0/0'],
    ['::ffff:1.2.3.4/128', '1.2.3.4'],
  ])('reads %s as %s', (text, expected) => expect(formatIp(ip(text))).toBe(expected))

  it.each([
    '',
    '10',
    '10.1',
    '10.0.1',
    '010.0.0.1',
    '10.0.0.01',
    '0x0a.0.0.1',
    '256.0.0.1',
    '10.0.0.1.',
    '10.0.0.1 ',
    '10.0.0.1/8',
    '10.0.0.0/08',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    'fe80::1%eth0',
    '::ffff:1.2.3.04',
    '::ffff:0:0/90',
    '2001:db8::1/32',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1:2:3:4:5:6::1.2.3.4',
    '1.2.3.4::',
    '12345::',
    ':1:2:3:4:5:6:7',
    '::/129',
    'localhost',
    '[::1]',
  ])('refuses %j', (text) => expect(parseIp(text)).toBeUndefined())
})

describe('ipContains', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/8', false],
    ['10.0.0.0/9', '10.127.255.255', true],
    ['10.0.0.0/9', '10.128.0.0', false],
    ['10.0.0.1', '10.0.0.1', true],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['::/0', '1.2.3.4', false],
    ['0.0.0.0/0', '::1', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
  ])('%s holds %s: %s', (outer, inner, expected) => expect(ipContains(ip(outer), ip(inner))).toBe(expected))
})

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['127.0.0.0/8', true],
    ['126.0.0.0/7', false],
    ['128.0.0.1', false],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['::/127', false],
  ])('%s: %s', (text, expected) => expect(isLoopback(ip(text))).toBe(expected))
})

describe('isMulticast', () => {
  it.each([
    ['224.0.0.1', true],
    ['239.255.255.255', true],
    ['240.0.0.0', false],
    ['224.0.0.0/4', true],
    ['224.0.0.0/3', false],
    ['ff02::1', true],
    ['fe80::1', false],
  ])('%s: %s', (text, expected) => expect(isMulticast(ip(text))).toBe(expected))
})
