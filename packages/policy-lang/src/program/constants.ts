// Constants of rules: literals, patterns and names of roles as a kind, which the shape holds, and a string or number.
import { formatIp, parseIp } from '../model/ip.ts'
import { describeCode, describeRoleName } from './describe.ts'
import type { LiteralValue } from './program.ts'
import type { ConstantKind } from './rule-table.ts'

/** A constant as it is held: what it means is said by its kind. */
export type RawConstant = string | number

export interface Constant {
  readonly kind: ConstantKind
  readonly raw: RawConstant
}

/** `undefined` of a truth value: there are two only, and rules that differ in one mean different things. */
export function toConstant(value: LiteralValue): Constant | undefined {
  if (typeof value === 'boolean') return undefined
  if (typeof value === 'string') return { kind: { kind: 'string' }, raw: value }
  if (typeof value === 'number') return { kind: { kind: 'number' }, raw: value }
  switch (value.kind) {
    case 'datetime':
      return { kind: { kind: 'datetime' }, raw: value.epochMs }
    case 'duration':
      return { kind: { kind: 'duration' }, raw: value.ms }
    case 'ip':
      return { kind: { kind: 'ip' }, raw: formatIp(value) }
    case 'entity':
      return { kind: { kind: 'entity', type: value.type }, raw: value.id }
  }
}

/** The value of a constant that stands for one: not of a pattern or the name of a role. */
export function toLiteral(kind: ConstantKind, raw: RawConstant): LiteralValue {
  switch (kind.kind) {
    case 'datetime':
      return { kind: 'datetime', epochMs: Number(raw) }
    case 'duration':
      return { kind: 'duration', ms: Number(raw) }
    case 'entity':
      return { kind: 'entity', type: kind.type, id: String(raw) }
    case 'ip': {
      const ip = parseIp(String(raw))
      if (ip === undefined) throw new TypeError('a Program with an address that is none')
      return ip
    }
    default:
      return raw
  }
}

export function isNumeric({ kind }: ConstantKind): boolean {
  return kind === 'number' || kind === 'datetime' || kind === 'duration'
}

/** As an author writes it, most of the time: texts of which it is a part are told from it. */
export function printConstant(kind: ConstantKind, raw: RawConstant): string {
  switch (kind.kind) {
    case 'role':
      return describeRoleName(String(raw))
    case 'like':
    case 'matches':
      return `"${String(raw).replaceAll('"', '\\"')}"`
    case 'string':
      return JSON.stringify(raw)
    case 'number':
      return String(raw)
    default:
      return describeCode({ op: 'literal', value: toLiteral(kind, raw) })
  }
}
