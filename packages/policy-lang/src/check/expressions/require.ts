import type { Expression } from '../../ast/nodes.ts'
import { describeType } from '../../model/describe-type.ts'
import type { Type } from '../../model/types.ts'
import { isAssignable } from '../type-relations.ts'
import { hintValueOf } from '../value-hint.ts'
import { describeExpression } from './describe-expression.ts'
import { type Position, relatedCalls, type Typed, type Typing } from './typing.ts'

/** An expression whose value must be there. */
export function inferPresent(
  typing: Typing,
  expression: Expression,
  position: Position,
  expected?: Type,
): Typed {
  const typed = typing.infer(expression, position, expected)
  return requirePresent(typing, expression, typed)
}

export function requirePresent(typing: Typing, expression: Expression, typed: Typed): Typed {
  if (typed.type === undefined || !(typed.isOptional || typed.isShortCircuited)) return typed
  typing.report({
    code: 'unguarded-optional',
    span: expression.span,
    message: `${nameOf(expression)} may be absent, and nothing says what holds then`,
    hint: () => guardHint(expression, typed.type?.kind === 'bool'),
    related: relatedCalls(typing),
  })
  return { ...typed, isOptional: false, isShortCircuited: false }
}

function nameOf(expression: Expression): string {
  const text = describeExpression(expression)
  return text === undefined ? 'this value' : `\`${text}\``
}

/** Shows the forms that consume an optional value, on the expression at hand. */
function guardHint(expression: Expression, isBool: boolean): string {
  const text = describeExpression(expression) ?? '…'
  if (expression.kind !== 'member' && expression.kind !== 'index') {
    return `give a value for that case: \`(${text} ?? …)\``
  }
  const object = describeExpression(expression.object)
  const name = expression.kind === 'member' ? expression.name.name : describeKey(expression.key)
  const isPlainChain = object !== undefined && name !== undefined && !object.includes('?.')
  if (isBool) return `say what counts where it is absent: \`(${text} ?? false)\``
  if (!isPlainChain) return `give a value for that case: \`(${text} ?? …)\``
  return `test it first: \`${object} has ${name} && …\`, or give a value for that case: \`(${text} ?? …)\``
}

function describeKey(key: Expression): string | undefined {
  return key.kind === 'string' ? JSON.stringify(key.value) : undefined
}

/** An expression that must be true or false. */
export function inferCondition(typing: Typing, expression: Expression, position: Position): Typed {
  const typed = inferPresent(typing, expression, position)
  if (typed.type !== undefined && typed.type.kind !== 'bool') {
    typing.report({
      code: 'type-mismatch',
      span: expression.span,
      message: `a condition is a Bool, and this is ${withArticle(typed.type)}`,
      hint: 'compare it with something, or test it with `has`',
      related: relatedCalls(typing),
    })
  }
  if (expression.kind === 'bool' && !position.isInlined) typing.noteConstant(expression, expression.value)
  return typed
}

/** A value that must fit a type which something declares. */
export function checkAssignable(
  typing: Typing,
  expression: Expression,
  typed: Typed,
  expected: Type | undefined,
  what: string,
): void {
  if (typed.type === undefined || expected === undefined || isAssignable(typed.type, expected)) return
  typing.report({
    code: 'type-mismatch',
    span: expression.span,
    message: `${what} is ${withArticle(expected)}, and this is ${withArticle(typed.type)}`,
    hint: hintValueOf(expected),
    related: relatedCalls(typing),
  })
}

/** `a Number`, `an Ip`, `\`User | Service\``: types with a name of their own as words, others as text. */
export function withArticle(type: Type): string {
  const text = describeType(type)
  switch (type.kind) {
    case 'bool':
    case 'string':
    case 'number':
    case 'datetime':
    case 'duration':
      return `a ${text}`
    case 'ip':
      return `an ${text}`
    default:
      return `\`${text}\``
  }
}
