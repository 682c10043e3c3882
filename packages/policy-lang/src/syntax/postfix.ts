import type { Expression, Name } from '../ast/nodes.ts'
import type { Span } from '../diagnostics/span.ts'

/** What may follow a receiver: a member, a method with arguments, or a key in brackets. */
export type Suffix =
  | { readonly name: Name; readonly isOptional: boolean; readonly args?: readonly Expression[] }
  | { readonly key: Expression; readonly isOptional: boolean }

export function postfix(object: Expression, suffix: Suffix, span: Span): Expression {
  const { isOptional } = suffix
  if ('key' in suffix) return { kind: 'index', object, key: suffix.key, isOptional, span }
  const { name, args } = suffix
  if (args === undefined) return { kind: 'member', object, name, isOptional, span }
  return { kind: 'methodCall', object, name, arguments: args, isOptional, span }
}
