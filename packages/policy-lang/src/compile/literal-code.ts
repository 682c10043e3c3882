import type {
  BoolLiteral,
  DatetimeLiteral,
  DurationLiteral,
  EntityLiteral,
  IpLiteral,
  NumberLiteral,
  StringLiteral,
} from '../ast/nodes.ts'
import { parseDatetime } from '../model/datetime.ts'
import { parseIp } from '../model/ip.ts'
import type { Code, LiteralValue } from '../program/program.ts'

type Literal =
  | BoolLiteral
  | StringLiteral
  | NumberLiteral
  | DurationLiteral
  | DatetimeLiteral
  | IpLiteral
  | EntityLiteral

/** The checker has read every literal already: one that says nothing here is a bug. */
export function toLiteralCode(literal: Literal): Code {
  const value = toLiteralValue(literal)
  if (value === undefined) throw new TypeError('a literal that the checker should have refused')
  return { op: 'literal', value }
}

function toLiteralValue(literal: Literal): LiteralValue | undefined {
  switch (literal.kind) {
    case 'datetime':
      return parseDatetime(literal.text)
    case 'ip':
      return parseIp(literal.text)
    case 'duration':
      return { kind: 'duration', ms: literal.milliseconds }
    case 'entity':
      return { kind: 'entity', type: literal.type.name, id: literal.id }
    default:
      return literal.value
  }
}
