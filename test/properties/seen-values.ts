// What an explanation shows as `expression`, read again as policy text and evaluated by the second evaluator.
import type { Expression } from '../../packages/policy-lang/src/ast/nodes.ts'
import type { JsonValue } from '../../packages/policy-lang/src/model/request.ts'
import { parsePolicyFile } from '../../packages/policy-lang/src/syntax/parse.ts'
import { encode } from './naive/encode.ts'
import { evaluate, type Scope } from './naive/expressions.ts'
import { isValue } from './naive/values.ts'

export type Seen =
  | { readonly state: 'absent' | 'failed' }
  | { readonly state: 'value'; readonly value: JsonValue }

function parseExpression(text: string): Expression {
  const { file } = parsePolicyFile({ name: 'seen.edict', text: `let SEEN = ${text}` })
  const [declaration] = file?.declarations ?? []
  if (declaration?.kind !== 'let') throw new Error(`not as an author would write it: ${text}`)
  return declaration.value
}

/** Whether all of it is there, and none of it the variable of a `some` or `every`. */
export function isTextOfPlace(text: string, { names }: Scope): boolean {
  if (text.includes('…')) return false
  const [first = ''] = /^[A-Za-z_]\w*/.exec(text) ?? []
  const [, asked = 'subject'] = /^hasRole\((?:"[^"]*"|\w+), (\w+)/.exec(text) ?? []
  const isRoot = (name: string): boolean =>
    ['subject', 'resource', 'action', 'context', 'hasRole'].includes(name) || names.has(name)
  return isRoot(first) && (isRoot(asked) || text.includes('::'))
}

export function evaluateText(text: string, scope: Scope): Seen {
  const outcome = evaluate(parseExpression(text), scope, false)
  if (isValue(outcome)) return { state: 'value', value: encode(outcome) }
  return { state: outcome.kind === 'absent' ? 'absent' : 'failed' }
}
