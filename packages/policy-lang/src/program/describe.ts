import { formatDatetime } from '../model/datetime.ts'
import { formatIp } from '../model/ip.ts'
import type { Code, LiteralValue } from './program.ts'

// How tightly a form binds, loosest first, as in the grammar of expressions.
const LOOSEST = 0
const OR = 1
const AND = 2
const COMPARISON = 3
const SUM = 4
const PRODUCT = 5
const UNARY = 6
const POSTFIX = 7

/** Prints a condition or value as an author would write it: `context.token?.acr`. For people, not for parsing. */
export function describeCode(code: Code): string {
  return describe(code).text
}

interface Description {
  readonly text: string
  readonly binding: number
}

/** The text of an operand, in parentheses where it binds less tightly than its place asks for. */
function operand(code: Code, binding: number): string {
  const inner = describe(code)
  return inner.binding < binding ? `(${inner.text})` : inner.text
}

function postfix(text: string): Description {
  return { text, binding: POSTFIX }
}

function describe(code: Code): Description {
  switch (code.op) {
    case 'literal':
      return describeLiteral(code.value)
    case 'absent':
    case 'subject':
    case 'resource':
      return postfix(code.op)
    case 'set':
      return postfix(`[${code.elements.map(describeCode).join(', ')}]`)
    case 'record':
      return postfix(
        `{${code.entries.map((entry) => `${quoteName(entry.name)}: ${describeCode(entry.code)}`).join(', ')}}`,
      )
    case 'now':
      return postfix('context.now')
    case 'context':
      return postfix(`context${accessOf(code.name)}`)
    case 'parameter':
      return postfix(`action${accessOf(code.name)}`)
    case 'actionName':
      return postfix('action.name')
    case 'roleParameter':
    case 'variable':
      return postfix(quoteName(code.name))
    case 'member':
      return postfix(`${operand(code.object, POSTFIX)}${accessOf(code.name, code.isOptional)}`)
    case 'entry': {
      const mark = code.isOptional ? '?.' : ''
      return postfix(`${operand(code.object, POSTFIX)}${mark}[${describeCode(code.key)}]`)
    }
    case 'method': {
      const args = code.args.length === 0 ? '' : `(${code.args.map(describeCode).join(', ')})`
      return postfix(`${operand(code.object, POSTFIX)}${accessOf(code.method, code.isOptional)}${args}`)
    }
    case 'hasRole': {
      const on = code.on === undefined ? '' : `, ${describeCode(code.on)}`
      return postfix(`hasRole(${quoteName(code.role)}${on})`)
    }
    default:
      return describeOperator(code)
  }
}

type OperatorCode = Extract<
  Code,
  {
    readonly op:
      | 'not'
      | 'negate'
      | 'and'
      | 'or'
      | 'arithmetic'
      | 'compare'
      | 'in'
      | 'is'
      | 'has'
      | 'hasContext'
      | 'hasParameter'
      | 'actionIn'
      | 'like'
      | 'matches'
      | 'coalesce'
      | 'conditional'
      | 'quantifier'
  }
>

function describeOperator(code: OperatorCode): Description {
  switch (code.op) {
    case 'not':
      return { text: `!${operand(code.operand, UNARY)}`, binding: UNARY }
    case 'negate':
      return { text: `-${operand(code.operand, POSTFIX)}`, binding: UNARY }
    case 'and':
      return { text: code.operands.map((one) => operand(one, AND + 1)).join(' && '), binding: AND }
    case 'or':
      return { text: code.operands.map((one) => operand(one, OR + 1)).join(' || '), binding: OR }
    case 'arithmetic': {
      const binding = code.operator === '*' ? PRODUCT : SUM
      const left = operand(code.left, binding)
      return { text: `${left} ${code.operator} ${operand(code.right, binding + 1)}`, binding }
    }
    case 'compare':
      return comparison(code.left, code.operator, operand(code.right, SUM))
    case 'in':
      return comparison(code.left, 'in', operand(code.right, SUM))
    case 'is':
      return comparison(code.operand, 'is', quoteName(code.type))
    case 'has':
      return comparison(code.operand, 'has', quoteName(code.name))
    case 'hasContext':
      return { text: `context has ${quoteName(code.name)}`, binding: COMPARISON }
    case 'hasParameter':
      return { text: `action has ${quoteName(code.name)}`, binding: COMPARISON }
    case 'actionIn':
      return { text: describeActions(code.actions), binding: COMPARISON }
    case 'like':
    case 'matches':
      return comparison(code.operand, code.op, `"${code.pattern.replaceAll('"', '\\"')}"`)
    // `??` and quantifiers always stand in parentheses inside other operators.
    case 'coalesce':
      return { text: code.operands.map((one) => operand(one, POSTFIX)).join(' ?? '), binding: LOOSEST }
    case 'conditional': {
      const arms = `${operand(code.then, OR)} : ${operand(code.otherwise, OR)}`
      return { text: `${operand(code.test, OR)} ? ${arms}`, binding: LOOSEST }
    }
    case 'quantifier': {
      const head = `${code.quantifier} ${quoteName(code.variable)} in ${operand(code.set, OR)}`
      return { text: `${head}: ${describeCode(code.body)}`, binding: LOOSEST }
    }
  }
}

function comparison(left: Code, operator: string, right: string): Description {
  return { text: `${operand(left, SUM)} ${operator} ${right}`, binding: COMPARISON }
}

function describeActions(actions: readonly string[]): string {
  const [only] = actions
  if (only !== undefined && actions.length === 1) return `action == ${quoteName(only)}`
  return `action in [${actions.map(quoteName).join(', ')}]`
}

function describeLiteral(value: LiteralValue): Description {
  if (typeof value === 'number') return { text: String(value), binding: value < 0 ? UNARY : POSTFIX }
  if (typeof value !== 'object') return postfix(JSON.stringify(value))
  switch (value.kind) {
    case 'datetime':
      return postfix(`datetime("${formatDatetime(value.epochMs)}")`)
    case 'duration':
      return { text: describeDuration(value.ms), binding: value.ms < 0 ? UNARY : POSTFIX }
    case 'ip':
      return postfix(`ip("${formatIp(value)}")`)
    case 'entity':
      return postfix(`${quoteName(value.type)}::${JSON.stringify(value.id)}`)
  }
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

function describeDuration(ms: number): string {
  let rest = Math.abs(ms)
  let text = ms < 0 ? '-' : ''
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length)
    if (count > 0) text += `${count}${unit}`
    rest -= count * length
  }
  return rest > 0 || ms === 0 ? `${text}${rest / 1000}s` : text
}

function accessOf(name: string, isOptional?: boolean): string {
  const mark = isOptional === true ? '?.' : ''
  if (!isPlainName(name)) return `${mark}[${JSON.stringify(name)}]`
  return isOptional === true ? `?.${name}` : `.${name}`
}

/** The name of a role as in `to`. */
export function describeRoleName(name: string): string {
  return quoteName(name)
}

function quoteName(name: string): string {
  return isPlainName(name) ? name : JSON.stringify(name)
}

function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}
