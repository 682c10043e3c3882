// IP addresses and nets, read strictly: RFC 4291 text forms, dotted quads without leading zeros.
import type { Address } from './values.ts'

function readIpv4(source: string): bigint | undefined {
  const parts = source.split('.')
  if (parts.length !== 4) return undefined
  let bits = 0n
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    bits = bits * 256n + BigInt(part)
  }
  return bits
}

/** Groups of 16 bits, or nothing where one is malformed. The last may be a dotted quad. */
function readGroups(source: string, mayEndInIpv4: boolean): bigint[] | undefined {
  if (source === '') return []
  const groups: bigint[] = []
  const parts = source.split(':')
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const quad = readIpv4(part)
      if (!mayEndInIpv4 || index !== parts.length - 1 || quad === undefined) return undefined
      groups.push(quad >> 16n, quad & 0xffffn)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      groups.push(BigInt(`0x${part}`))
    }
  }
  return groups
}

function readIpv6(source: string): bigint | undefined {
  const halves = source.split('::')
  if (halves.length > 2) return undefined
  const head = readGroups(halves[0] ?? '', halves.length === 1)
  const tail = readGroups(halves[1] ?? '', true)
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<bigint>(halves.length === 2 ? missing : 0).fill(0n), ...tail]
  return groups.reduce((bits, group) => bits * 65536n + group, 0n)
}

const isMapped = (bits: bigint): boolean => bits >> 32n === 0xffffn

export function readAddress(source: string): Address | undefined {
  const [base = '', prefixText, ...rest] = source.split('/')
  if (rest.length > 0) return undefined
  let family: 4 | 6 = base.includes(':') ? 6 : 4
  let bits = family === 4 ? readIpv4(base) : readIpv6(base)
  if (bits === undefined) return undefined
  let prefix = family === 4 ? 32 : 128
  if (prefixText !== undefined) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(prefixText) || Number(prefixText) > prefix) return undefined
    prefix = Number(prefixText)
  }
  if (family === 6 && isMapped(bits) && prefix >= 96) {
    family = 4
    bits &= 0xffffffffn
    prefix -= 96
  }
  const hostBits = BigInt((family === 4 ? 32 : 128) - prefix)
  if ((bits >> hostBits) << hostBits !== bits) return undefined
  return { kind: 'ip', family, bits, prefix }
}

/** Every address of `inner` is one of `outer`. */
export function isWithin(inner: Address, outer: Address): boolean {
  if (inner.family !== outer.family || inner.prefix < outer.prefix) return false
  const hostBits = BigInt((outer.family === 4 ? 32 : 128) - outer.prefix)
  return inner.bits >> hostBits === outer.bits >> hostBits
}

function net(source: string): Address {
  const address = readAddress(source)
  if (address === undefined) throw new Error(`no net: ${source}`)
  return address
}
const LOOPBACK = [net('127.0.0.0/8'), net('::1')]
const MULTICAST = [net('224.0.0.0/4'), net('ff00::/8')]

export const isLoopback = (address: Address): boolean => LOOPBACK.some((outer) => isWithin(address, outer))
export const isMulticast = (address: Address): boolean => MULTICAST.some((outer) => isWithin(address, outer))

/** RFC 5952: lower case, the longest run of two or more zero groups as `::`. */
function writeIpv6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (bits >> BigInt(112 - 16 * index)) & 0xffffn)
  let best = { start: 0, length: 1 }
  for (let start = 0; start < 8; start += 1) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0n) length += 1
    if (length > best.length) best = { start, length }
  }
  const write = (part: readonly bigint[]): string => part.map((group) => group.toString(16)).join(':')
  if (best.length === 1) return write(groups)
  return `${write(groups.slice(0, best.start))}::${write(groups.slice(best.start + best.length))}`
}

export function writeAddress(address: Address): string {
  const base =
    address.family === 4
      ? [24n, 16n, 8n, 0n].map((shift) => ((address.bits >> shift) & 0xffn).toString()).join('.')
      : writeIpv6(address.bits)
  const isSingle = address.prefix === (address.family === 4 ? 32 : 128)
  return isSingle ? base : `${base}/${address.prefix}`
}
