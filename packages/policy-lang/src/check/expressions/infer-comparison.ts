import type { Comparison, Expression } from '../../ast/nodes.ts'
import { printExpression } from '../../ast/print.ts'
import { NULL_WORDS } from '../../diagnostics/foreign-words.ts'
import { describeType } from '../../model/describe-type.ts'
import type { Type } from '../../model/types.ts'
import { didYouMean } from '../did-you-mean.ts'
import type { Finding } from '../report.ts'
import { BOOL, compareTypes, entityOf, isText } from '../type-relations.ts'
import { hintValueOf } from '../value-hint.ts'
import { describeExpression, quoteName } from './describe-expression.ts'
import { inferPresent, withArticle } from './require.ts'
import { notMonotone, type Position, relatedCalls, type Typed, type Typing, value } from './typing.ts'

export function inferComparison(typing: Typing, node: Comparison, position: Position): Typed {
  const inner = notMonotone(position)
  const [left, right] = inferSides(typing, node, inner)
  if (left.type === undefined || right.type === undefined) return value(BOOL)
  switch (node.operator) {
    case '==':
    case '!=':
      return checkEquality(typing, node, left.type, right.type, position)
    case 'in':
      checkIn(typing, node, left.type, right.type, position)
      return value(BOOL)
    default:
      checkOrder(typing, node, left.type, right.type)
      return value(BOOL)
  }
}

/** A literal takes the type that the other side expects: `labels == {}`. */
function inferSides(typing: Typing, node: Comparison, position: Position): readonly [Typed, Typed] {
  // That nothing is null is said where names are resolved.
  if (isNull(typing, node.left) || isNull(typing, node.right))
    return [typing.infer(node.left, position), typing.infer(node.right, position)]
  if (node.operator === 'in') {
    const left = inferPresent(typing, node.left, position)
    const expected: Type | undefined = left.type && { kind: 'set', element: left.type }
    return [left, inferPresent(typing, node.right, position, expected)]
  }
  if (isShape(node.left) && !isShape(node.right)) {
    const right = inferPresent(typing, node.right, position)
    return [inferPresent(typing, node.left, position, right.type), right]
  }
  const left = inferPresent(typing, node.left, position)
  return [left, inferPresent(typing, node.right, position, left.type)]
}

function isNull({ tables }: Typing, expression: Expression): boolean {
  if (expression.kind !== 'reference' || !NULL_WORDS.has(expression.name.name)) return false
  return !tables.declarations.lets.has(expression.name.name)
}

function isShape(expression: Expression): boolean {
  return expression.kind === 'record' || expression.kind === 'set'
}

function checkEquality(typing: Typing, node: Comparison, left: Type, right: Type, position: Position): Typed {
  const verdict = compareTypes(left, right)
  if (verdict === 'mismatch') {
    reportMismatch(typing, node, left, right)
    return value(BOOL)
  }
  typing.judgeComparison(
    node,
    verdict === 'possible' ? undefined : describeImpossible(typing, node, left, right),
  )
  const constant = compareLiterals(node)
  if (constant === undefined) return value(BOOL)
  if (!position.isInlined) typing.noteConstant(node, constant)
  return { ...value(BOOL), constant }
}

function reportMismatch(typing: Typing, node: Comparison, left: Type, right: Type): void {
  typing.report({
    code: 'type-mismatch',
    span: node.span,
    message: `${withArticle(left)} is never equal to ${withArticle(right)}`,
    hint: equalityHint(node, left, right),
    related: relatedCalls(typing),
  })
}

function equalityHint(node: Comparison, left: Type, right: Type): string {
  if (left.kind === 'entity' && isText(right)) return entityHint(node.left, left.types, node.right)
  if (right.kind === 'entity' && isText(left)) return entityHint(node.right, right.types, node.left)
  if (right.kind === 'set' && compareTypes(left, right.element) !== 'mismatch')
    return 'test membership with `in`'
  if (isText(right)) return hintValueOf(left)
  return isText(left) ? hintValueOf(right) : 'compare values of one type'
}

/** An entity and a text: an id of another entity, an id written out, or the text of an attribute. */
function entityHint(entity: Expression, [type = 'Type']: readonly string[], text: Expression): string {
  const named = describeExpression(entity) ?? 'ENTITY'
  if (text.kind === 'string') return `write the entity: \`${quoteName(type)}::${JSON.stringify(text.value)}\``
  if (text.kind === 'member' && text.name.name === 'id') {
    const other = describeExpression(text.object)
    if (other !== undefined) return `compare the entities: \`${other} == ${named}\``
  }
  return `compare its id: \`${named}.id\``
}

function describeImpossible(typing: Typing, node: Comparison, left: Type, right: Type): Finding {
  const literal = literalOf(node.right) ?? literalOf(node.left)
  const other = literalOf(node.right) === undefined ? right : left
  if (literal !== undefined && other.kind === 'enum') return outsideUnion(typing, node, literal, other)
  return {
    code: 'impossible-comparison',
    span: node.span,
    message: `this comparison always has the same result: ${withArticle(left)} is never ${withArticle(right)}`,
    hint: belowHint(typing, node, left, right) ?? 'compare entities that can be of one type',
    related: relatedCalls(typing),
  }
}

/** Where one can lie in the other, that was meant. */
function belowHint(typing: Typing, { left, right }: Comparison, a: Type, b: Type): string | undefined {
  if (a.kind !== 'entity' || b.kind !== 'entity') return undefined
  const { types } = typing.tables
  const lies = (from: readonly string[], to: readonly string[]): boolean =>
    from.some((type) => meets(types.above(type), new Set(to)))
  const [x, y] = [describeExpression(left) ?? '…', describeExpression(right) ?? '…']
  if (lies(a.types, b.types)) return `to ask whether it lies in it, write \`${x} in ${y}\``
  return lies(b.types, a.types) ? `to ask whether it lies in it, write \`${y} in ${x}\`` : undefined
}

function literalOf(expression: Expression): string | undefined {
  return expression.kind === 'string' ? expression.value : undefined
}

function outsideUnion(
  typing: Typing,
  node: Expression,
  literal: string,
  union: Type & { readonly kind: 'enum' },
): Finding {
  return {
    code: 'literal-outside-union',
    span: node.span,
    message: `\`${JSON.stringify(literal)}\` is none of \`${describeType(union)}\``,
    hint: () => didYouMean(literal, union.values),
    related: relatedCalls(typing),
  }
}

function compareLiterals(node: Comparison): boolean | undefined {
  const left = constantOf(node.left)
  const right = constantOf(node.right)
  if (left === undefined || right === undefined) return undefined
  return (left === right) === (node.operator === '==')
}

function constantOf(expression: Expression): string | number | boolean | undefined {
  switch (expression.kind) {
    case 'string':
    case 'number':
    case 'bool':
      return expression.value
    default:
      return undefined
  }
}

function checkOrder(typing: Typing, node: Comparison, left: Type, right: Type): void {
  if (isOrdered(left) && left.kind === right.kind) return
  typing.report({
    code: 'type-mismatch',
    span: node.span,
    message: `\`${node.operator}\` compares two Numbers, two Datetimes or two Durations, and here are ${withArticle(left)} and ${withArticle(right)}`,
    hint: orderHint(left, right),
    related: relatedCalls(typing),
  })
}

function orderHint(left: Type, right: Type): string {
  if (isOrdered(left)) return hintValueOf(left)
  return isOrdered(right) ? hintValueOf(right) : 'test equality with `==`, or membership with `in`'
}

function isOrdered(type: Type): boolean {
  return type.kind === 'number' || type.kind === 'datetime' || type.kind === 'duration'
}

function checkIn(typing: Typing, node: Comparison, left: Type, right: Type, position: Position): void {
  if (left.kind === 'entity') {
    const target = right.kind === 'set' ? right.element : right
    if (target.kind === 'entity') {
      checkBelow(typing, node, left.types, target.types, position)
      return
    }
    if (right.kind === 'set' && compareTypes(left, target) !== 'mismatch') return
  } else if (right.kind === 'set') {
    checkMembership(typing, node, left, right.element)
    return
  } else if (left.kind === 'ip' && right.kind === 'ip') return
  reportIn(typing, node, left, right)
}

/** `e in f`: e is f or can lie below it, for some of the types they can have. */
function checkBelow(
  typing: Typing,
  node: Comparison,
  from: readonly string[],
  to: readonly string[],
  position: Position,
): void {
  const { types } = typing.tables
  const targets = new Set(to)
  const reaching = from.filter((type) => meets(types.above(type), targets))
  typing.judgeComparison(
    node,
    reaching.length > 0
      ? undefined
      : {
          code: 'impossible-comparison',
          span: node.span,
          message: `\`${describeType(entityOf(from))}\` never lies in \`${describeType(entityOf(to))}\``,
          hint: `declare it: \`${keywordOf(typing, from[0])} ${from[0]} in ${to[0]}\``,
          related: relatedCalls(typing),
        },
  )
  const readers = reaching.filter((type) => canLieStrictlyBelow(typing, type, targets))
  if (readers.length > 0) {
    typing.noteParentRead({ node, from: readers, to, isMonotone: position.isMonotone })
  }
}

function keywordOf(typing: Typing, type = ''): string {
  const schema = typing.tables.types.get(type)
  return schema?.isSubject ? 'subject' : schema?.isResource ? 'resource' : 'entity'
}

function canLieStrictlyBelow(typing: Typing, type: string, targets: ReadonlySet<string>): boolean {
  const { types } = typing.tables
  return (types.get(type)?.parents ?? []).some((parent) => meets(types.above(parent), targets))
}

/** Whether two sets share a member. Rules on everything ask this for many types. */
function meets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  for (const member of small) if (large.has(member)) return true
  return false
}

function checkMembership(typing: Typing, node: Comparison, left: Type, element: Type): void {
  const verdict = compareTypes(left, element)
  if (verdict === 'mismatch') {
    reportIn(typing, node, left, { kind: 'set', element })
    return
  }
  const literal = literalOf(node.left)
  const impossible: Finding | undefined =
    verdict === 'possible'
      ? undefined
      : literal !== undefined && element.kind === 'enum'
        ? outsideUnion(typing, node, literal, element)
        : {
            code: 'impossible-comparison',
            span: node.span,
            message: `${withArticle(left)} is never a member of ${withArticle({ kind: 'set', element })}`,
            hint: 'test for a value that the set can hold',
            related: relatedCalls(typing),
          }
  typing.judgeComparison(node, impossible)
  if (element.kind === 'ip' && !holdsOnlyAddresses(node.right)) warnExactMembership(typing, node)
}

/** A list of blocked ranges would never match: `in` looks inside a range, but not inside the ranges of a set. */
function warnExactMembership(typing: Typing, node: Comparison): void {
  const left = describeExpression(node.left) ?? printExpression(node.left)
  const right = describeExpression(node.right) ?? printExpression(node.right)
  typing.report({
    code: 'exact-membership',
    span: node.span,
    message:
      'a range in this set holds no address but itself: `in` asks whether the set has exactly this value',
    hint: `for ranges write \`some range in ${right}: ${left} in range\`, for single addresses \`${right}.contains(${left})\``,
    related: relatedCalls(typing),
  })
}

function holdsOnlyAddresses(set: Expression): boolean {
  return (
    set.kind === 'set' &&
    set.elements.every((element) => element.kind === 'ip' && !element.text.includes('/'))
  )
}

function reportIn(typing: Typing, node: Comparison, left: Type, right: Type): void {
  if (isText(left) && isText(right)) {
    typing.report({
      code: 'in-on-strings',
      span: node.span,
      message: '`in` asks for an entity or a set on its right side, and this is a String',
      hint: 'for a part of a text write `a.contains(b)`, for one of several values `a in ["x", "y"]`',
      related: relatedCalls(typing),
    })
    return
  }
  typing.report({
    code: 'type-mismatch',
    span: node.span,
    message: `${withArticle(left)} cannot be \`in\` ${withArticle(right)}`,
    hint: inHint(node, left, right),
    related: relatedCalls(typing),
  })
}

function inHint({ left: operand, right: target }: Comparison, left: Type, right: Type): string {
  if (right.kind === 'map') return 'write `m has "key"` for the keys of a Map'
  if (left.kind === 'ip' && isText(right))
    return `a range is written \`ip(${target.kind === 'string' ? JSON.stringify(target.value) : '"10.0.0.0/8"'})\``
  if (left.kind === right.kind) return 'compare with `==`, or write a set: `[…]`'
  if (right.kind === 'set' && left.kind === 'entity' && isText(right.element))
    return `compare its id: \`${describeExpression(operand) ?? 'ENTITY'}.id\``
  return '`in` takes an entity, a set, or a range of addresses on its right side'
}
