import type { Expression } from '../ast/nodes.ts'
import { parseDatetime } from '../model/datetime.ts'
import { parseIp } from '../model/ip.ts'
import type { Report } from './report.ts'

/** Literals that do not exist: found when a policy loads, not when a decision depends on one. */
export function checkLiteral(expression: Expression, report: Report): void {
  const problem = findLiteralProblem(expression)
  if (problem !== undefined) report({ code: 'bad-literal', span: expression.span, ...problem })
}

function findLiteralProblem(
  expression: Expression,
): { readonly message: string; readonly hint: string } | undefined {
  switch (expression.kind) {
    case 'number':
      if (Math.abs(expression.value) <= Number.MAX_SAFE_INTEGER) return undefined
      return {
        message: `\`${expression.text}\` is beyond 2^53 - 1, the largest Number`,
        hint: 'use a String for ids that look like numbers',
      }
    case 'duration':
      if (Math.abs(expression.milliseconds) <= Number.MAX_SAFE_INTEGER) return undefined
      return {
        message: `\`${expression.text}\` is longer than any Duration can be`,
        hint: 'write a shorter one',
      }
    case 'datetime':
      if (parseDatetime(expression.text) !== undefined) return undefined
      return {
        message: `\`${expression.text}\` is no datetime`,
        hint: 'write a date or RFC 3339 with a zone: `datetime("2026-01-31")`, `datetime("2026-01-31T12:00:00Z")`',
      }
    case 'ip':
      if (parseIp(expression.text) !== undefined) return undefined
      if (hasHostBits(expression.text))
        return {
          message: `\`${expression.text}\` is no range: bits behind its prefix are set`,
          hint: 'write the first address of the range, or a single address without prefix',
        }
      return {
        message: `\`${expression.text}\` is no address and no CIDR block`,
        hint: 'write `ip("10.0.0.1")` or `ip("10.0.0.0/8")`',
      }
    default:
      return undefined
  }
}

/** An address and a prefix that are right on their own. */
function hasHostBits(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const isWide = address.includes(':')
  return (
    rest.length === 0 &&
    parseIp(address) !== undefined &&
    /^[0-9]{1,3}$/.test(prefix) &&
    Number(prefix) <= (isWide ? 128 : 32)
  )
}
