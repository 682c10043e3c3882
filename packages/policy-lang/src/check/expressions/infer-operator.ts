import type {
  Binary,
  Coalesce,
  Conditional,
  Expression,
  Logical,
  Quantifier,
  Unary,
} from '../../ast/nodes.ts'
import { isNothing } from '../../model/describe-type.ts'
import type { Type } from '../../model/types.ts'
import { BOOL, DATETIME, DURATION, isText, joinTypes, NUMBER, STRING } from '../type-relations.ts'
import { hintValueOf } from '../value-hint.ts'
import { bothHold, createFactStack, eitherHolds, type Facts, NO_FACTS } from './facts.ts'
import { inferCondition, inferPresent, withArticle } from './require.ts'
import {
  notMonotone,
  type Position,
  relatedCalls,
  type Typed,
  type Typing,
  UNKNOWN,
  value,
  withFacts,
} from './typing.ts'

export function inferUnary(typing: Typing, node: Unary, position: Position): Typed {
  const inner = notMonotone(position)
  if (node.operator === '!') {
    const operand = inferCondition(typing, node.operand, inner)
    return {
      ...value(BOOL),
      whenTrue: operand.whenFalse,
      whenFalse: operand.whenTrue,
      ...(operand.constant === undefined ? {} : { constant: !operand.constant }),
    }
  }
  const operand = inferPresent(typing, node.operand, inner)
  if (operand.type === undefined) return UNKNOWN
  if (operand.type.kind === 'number' || operand.type.kind === 'duration') return value(operand.type)
  typing.report({
    code: 'type-mismatch',
    span: node.span,
    message: `\`-\` negates a Number or a Duration, and this is ${withArticle(operand.type)}`,
    hint: operand.type.kind === 'bool' ? 'write `!` for not' : 'take the minus away',
    related: relatedCalls(typing),
  })
  return UNKNOWN
}

/** A chain is walked from left to right, each operand under what the ones before it say. */
export function inferLogical(typing: Typing, node: Logical, position: Position): Typed {
  const isAnd = node.operator === '&&'
  const known = createFactStack(position.facts)
  let apart: Facts = 'never'
  const collected = createFactStack(NO_FACTS)
  const constants: (boolean | undefined)[] = []
  for (const operand of node.operands) {
    const typed = inferCondition(typing, operand, withFacts(position, known.current()))
    const [passing, failing] = isAnd ? [typed.whenTrue, typed.whenFalse] : [typed.whenFalse, typed.whenTrue]
    known.add(passing)
    collected.add(passing)
    apart = eitherHolds(apart, failing)
    constants.push(typed.constant)
  }
  const together = collected.current()
  const constant = foldLogical(isAnd, constants)
  return {
    ...value(BOOL),
    whenTrue: isAnd ? together : apart,
    whenFalse: isAnd ? apart : together,
    ...(constant === undefined ? {} : { constant }),
  }
}

function foldLogical(isAnd: boolean, constants: readonly (boolean | undefined)[]): boolean | undefined {
  if (constants.includes(!isAnd)) return !isAnd
  return constants.every((constant) => constant === isAnd) ? isAnd : undefined
}

export function inferBinary(typing: Typing, node: Binary, position: Position): Typed {
  const inner = notMonotone(position)
  const left = inferPresent(typing, node.left, inner)
  const right = inferPresent(typing, node.right, inner)
  if (left.type === undefined || right.type === undefined) return UNKNOWN
  const type = combineTypes(node.operator, left.type, right.type)
  if (type !== undefined) return value(type)
  typing.report({
    code: 'type-mismatch',
    span: node.span,
    message: `\`${node.operator}\` cannot combine ${withArticle(left.type)} and ${withArticle(right.type)}`,
    hint: arithmeticHint(node.operator, left.type, right.type),
    related: relatedCalls(typing),
  })
  return UNKNOWN
}

function combineTypes(operator: Binary['operator'], left: Type, right: Type): Type | undefined {
  const kinds = `${left.kind} ${operator} ${right.kind}`
  switch (kinds) {
    case 'number + number':
    case 'number - number':
    case 'number * number':
      return NUMBER
    case 'datetime + duration':
    case 'duration + datetime':
    case 'datetime - duration':
      return DATETIME
    case 'datetime - datetime':
    case 'duration + duration':
    case 'duration - duration':
    case 'duration * number':
    case 'number * duration':
      return DURATION
    default:
      return operator === '+' && isText(left) && isText(right) ? STRING : undefined
  }
}

function arithmeticHint(operator: Binary['operator'], left: Type, right: Type): string {
  const kinds = [left.kind, right.kind]
  if (operator !== '*' && kinds.includes('datetime') && kinds.includes('number')) return hintValueOf(DURATION)
  if (operator === '+') return '`+` adds Numbers, Durations, a Datetime and a Duration, or joins two Strings'
  if (operator === '-')
    return '`-` subtracts Numbers, Durations, a Duration from a Datetime, or two Datetimes'
  return '`*` multiplies two Numbers, or a Duration by a Number'
}

/** `a ?? b ?? c`: what may be absent is consumed here, but for the last. */
export function inferCoalesce(typing: Typing, node: Coalesce, position: Position, expected?: Type): Typed {
  let type: Type | undefined
  let isBroken = false
  let last: Typed = UNKNOWN
  for (const operand of node.operands) {
    last = typing.infer(operand, position, type ?? expected)
    isBroken ||= last.type === undefined
    const joined: Type | undefined =
      type === undefined || last.type === undefined ? (type ?? last.type) : joinTypes(type, last.type)
    if (joined === undefined && type !== undefined && last.type !== undefined) {
      return reportBranches(typing, operand, type, last.type)
    }
    type = joined
  }
  if (isBroken || type === undefined) return UNKNOWN
  return { ...value(type), isOptional: last.isOptional || last.isShortCircuited }
}

export function inferConditional(
  typing: Typing,
  node: Conditional,
  position: Position,
  expected?: Type,
): Typed {
  const test = inferCondition(typing, node.test, notMonotone(position))
  const then = typing.infer(node.then, withFacts(position, bothHold(position.facts, test.whenTrue)), expected)
  const otherwise = typing.infer(
    node.otherwise,
    withFacts(position, bothHold(position.facts, test.whenFalse)),
    expected ?? then.type,
  )
  if (test.whenTrue === 'never') return { ...otherwise, whenTrue: NO_FACTS, whenFalse: NO_FACTS }
  if (test.whenFalse === 'never') return { ...then, whenTrue: NO_FACTS, whenFalse: NO_FACTS }
  if (then.type === undefined || otherwise.type === undefined) return UNKNOWN
  const type = joinTypes(then.type, otherwise.type)
  if (type === undefined) return reportBranches(typing, node.otherwise, then.type, otherwise.type)
  const isOptional = [then, otherwise].some((arm) => arm.isOptional || arm.isShortCircuited)
  return { ...value(type), isOptional }
}

function reportBranches(typing: Typing, node: Expression, first: Type, other: Type): Typed {
  typing.report({
    code: 'type-mismatch',
    span: node.span,
    message: `one alternative is ${withArticle(first)}, and this one is ${withArticle(other)}`,
    hint: 'both must be of one type',
    related: relatedCalls(typing),
  })
  return UNKNOWN
}

export function inferQuantifier(typing: Typing, node: Quantifier, position: Position): Typed {
  const set = inferPresent(typing, node.set, notMonotone(position))
  if (set.type !== undefined && set.type.kind !== 'set') {
    typing.report({
      code: 'type-mismatch',
      span: node.set.span,
      message: `\`${node.quantifier}\` walks over a Set, and this is ${withArticle(set.type)}`,
      hint: set.type.kind === 'map' ? 'use `.keys` of the Map' : 'use an attribute that is a Set',
      related: relatedCalls(typing),
    })
  }
  const element = set.type?.kind === 'set' && !isNothing(set.type.element) ? set.type.element : undefined
  const scope = new Map(position.scope)
  const path = `$${typing.nextVariable()}`
  scope.set(node.variable.name, { kind: 'bound', type: element, isOptional: false, path })
  inferCondition(typing, node.body, { ...position, scope })
  return value(BOOL)
}
