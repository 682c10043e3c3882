import ipaddr from 'ipaddr.js'
import type { IpValue } from './values.ts'

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const DOTTED_QUAD = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)
// Groups, colons and a dotted tail; where `::` may stand and how many groups there are is ipaddr.js's to judge.
const IPV6_CHARACTERS = /^[\da-fA-F:]+$/
const DOTTED_TAIL = /:([\d.]+)$/
const PREFIX = /^(?:0|[1-9]\d{0,2})$/
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]

/**
 * Reads an address or a CIDR: a dotted quad without leading zeros, or RFC 4291 §2.2 text without a zone id.
 * An IPv4-mapped IPv6 address is its IPv4. `undefined` for anything else and for a CIDR with host bits set.
 */
export function parseIp(text: string): IpValue | undefined {
  const slash = text.indexOf('/')
  const bytes = parseAddress(slash === -1 ? text : text.slice(0, slash))
  if (bytes === undefined) return undefined
  if (slash === -1) return toIp(bytes, bytes.length * 8)
  const prefix = text.slice(slash + 1)
  if (!PREFIX.test(prefix) || Number(prefix) > bytes.length * 8) return undefined
  return hasHostBits(bytes, Number(prefix)) ? undefined : toIp(bytes, Number(prefix))
}

/** An address as RFC 5952 writes it; a block with its prefix. */
export function formatIp(ip: IpValue): string {
  const address = ipaddr.fromByteArray([...ip.bytes]).toString()
  return ip.prefix === ip.bytes.length * 8 ? address : `${address}/${ip.prefix}`
}

/** Whether every address of `inner` lies in `outer`. IPv4 and IPv6 never contain each other. */
export function ipContains(outer: IpValue, inner: IpValue): boolean {
  if (outer.version !== inner.version || outer.prefix > inner.prefix) return false
  const cut = inner.bytes.map((byte, index) => byte & mask(outer.prefix, index))
  return cut.every((byte, index) => byte === outer.bytes[index])
}

const LOOPBACK = [ipConstant('127.0.0.0/8'), ipConstant('::1')]
const MULTICAST = [ipConstant('224.0.0.0/4'), ipConstant('ff00::/8')]

/** Whether the whole of it is loopback: 127.0.0.0/8 (RFC 1122 §3.2.1.3) or ::1 (RFC 4291 §2.5.3). */
export function isLoopback(ip: IpValue): boolean {
  return LOOPBACK.some((net) => ipContains(net, ip))
}

/** Whether the whole of it is multicast: 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291 §2.7). */
export function isMulticast(ip: IpValue): boolean {
  return MULTICAST.some((net) => ipContains(net, ip))
}

function parseAddress(text: string): number[] | undefined {
  if (DOTTED_QUAD.test(text)) return text.split('.').map(Number)
  const hex = expandDottedTail(text)
  if (hex === undefined || !IPV6_CHARACTERS.test(hex) || !ipaddr.IPv6.isValid(hex)) return undefined
  return ipaddr.IPv6.parse(hex).toByteArray()
}

/** Writes a dotted tail as two groups: ipaddr.js would take `::1.2.3.4` for `::ffff:1.2.3.4`. */
function expandDottedTail(text: string): string | undefined {
  if (!text.includes('.')) return text
  const tail = DOTTED_TAIL.exec(text)?.[1]
  if (tail === undefined || !DOTTED_QUAD.test(tail)) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = tail.split('.').map(Number)
  const groups = [a * 256 + b, c * 256 + d].map((group) => group.toString(16))
  return `${text.slice(0, -tail.length)}${groups.join(':')}`
}

function toIp(bytes: readonly number[], prefix: number): IpValue {
  if (bytes.length === 4) return { kind: 'ip', version: 4, bytes, prefix }
  const isMapped = prefix >= 96 && MAPPED_PREFIX.every((byte, index) => byte === bytes[index])
  if (isMapped) return { kind: 'ip', version: 4, bytes: bytes.slice(12), prefix: prefix - 96 }
  return { kind: 'ip', version: 6, bytes, prefix }
}

function hasHostBits(bytes: readonly number[], prefix: number): boolean {
  return bytes.some((byte, index) => (byte & ~mask(prefix, index)) !== 0)
}

/** The bits of byte `index` that a prefix of this length covers. */
function mask(prefix: number, index: number): number {
  const covered = Math.min(8, Math.max(0, prefix - index * 8))
  return (0xff << (8 - covered)) & 0xff
}

function ipConstant(text: string): IpValue {
  const ip = parseIp(text)
  if (ip === undefined) throw new TypeError(`no address: ${text}`)
  return ip
}
