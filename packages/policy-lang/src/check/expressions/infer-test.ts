import type { HasRole, HasTest, IsTest, TextTest } from '../../ast/nodes.ts'
import { FOREIGN_ATTRIBUTES, NULL_WORDS } from '../../diagnostics/foreign-words.ts'
import type { FieldType } from '../../model/types.ts'
import { didYouMean } from '../did-you-mean.ts'
import { BOOL, isText } from '../type-relations.ts'
import { findContextField } from './context-field.ts'
import { describeExpression, quoteName } from './describe-expression.ts'
import { bothHold, factsOf } from './facts.ts'
import { inferActionHas } from './infer-action-test.ts'
import { isRootAllowed, resourceTypes } from './infer-root.ts'
import { memberPath, pathOf } from './path.ts'
import { inferPresent, withArticle } from './require.ts'
import { PRESENT, toTest } from './test-result.ts'
import { notMonotone, type Position, relatedCalls, type Typed, type Typing, value } from './typing.ts'

export function inferIs(typing: Typing, node: IsTest, position: Position): Typed {
  // That nothing is null is said where names are resolved.
  if (NULL_WORDS.has(node.type.name) && !typing.tables.types.has(node.type.name)) return value(BOOL)
  const operand = inferPresent(typing, node.operand, notMonotone(position))
  const type = node.type.name
  if (operand.type === undefined || !typing.tables.types.has(type)) return value(BOOL)
  if (operand.type.kind !== 'entity') {
    typing.report({
      code: 'type-mismatch',
      span: node.operand.span,
      message: `\`is\` tests the type of an entity, and this is ${withArticle(operand.type)}`,
      hint: 'test its value with `==` instead',
      related: relatedCalls(typing),
    })
    return value(BOOL)
  }
  const path = pathOf(node.operand, position.scope, typing)
  const isPossible = operand.type.types.includes(type)
  const constant = !isPossible ? false : operand.type.types.length === 1 ? true : undefined
  return toTest(typing, node, position, {
    constant,
    whenTrue: factsOf(path, { only: new Set([type]), isPresent: false }),
    whenFalse: factsOf(path, { except: new Set([type]), isPresent: false }),
  })
}

export function inferHas(typing: Typing, node: HasTest, position: Position): Typed {
  if (node.operand.kind === 'root' && (node.operand.root === 'context' || node.operand.root === 'action')) {
    if (!isRootAllowed(typing, node.operand, position)) return value(BOOL)
    return node.operand.root === 'context'
      ? inferContextHas(typing, node, position)
      : inferActionHas(typing, node, position)
  }
  const operand = inferPresent(typing, node.operand, notMonotone(position))
  const path = memberPath(node.operand, node.name.name, position, typing)
  const { type } = operand
  if (type === undefined) return value(BOOL)
  switch (type.kind) {
    case 'entity':
      return inferEntityHas(typing, node, position, type.types)
    case 'map':
      if (!node.isQuoted) reportUnquotedKey(typing, node)
      return toTest(typing, node, position, { whenTrue: factsOf(path, PRESENT) })
    case 'record':
      checkField(typing, node, type.fields, withArticle(type))
      return toTest(typing, node, position, { whenTrue: factsOf(path, PRESENT) })
    default:
      typing.report({
        code: 'type-mismatch',
        span: node.operand.span,
        message: `\`has\` asks an entity, a record or a Map, and this is ${withArticle(type)}`,
        hint: type.kind === 'set' ? 'test membership with `in`' : 'compare its value instead',
        related: relatedCalls(typing),
      })
      return value(BOOL)
  }
}

function checkField(typing: Typing, node: HasTest, fields: readonly FieldType[], owner: string): void {
  if (fields.some((field) => field.name === node.name.name)) return
  typing.report({
    code: 'unknown-attribute',
    span: node.name.span,
    message: `${owner} has no member \`${node.name.name}\``,
    hint: () =>
      didYouMean(
        node.name.name,
        fields.map((field) => field.name),
      ) ?? 'declare it in the record type',
    related: relatedCalls(typing),
  })
}

function inferContextHas(typing: Typing, node: HasTest, position: Position): Typed {
  if (findContextField(typing, node.name) === undefined) return value(BOOL)
  const path = memberPath(node.operand, node.name.name, position, typing)
  const constant = node.name.name === 'now' ? true : undefined
  return toTest(typing, node, position, { constant, whenTrue: factsOf(path, PRESENT) })
}

function inferEntityHas(typing: Typing, node: HasTest, position: Position, types: readonly string[]): Typed {
  const name = node.name.name
  const index = typing.tables.types
  const having = index.typesWith(name)
  const isPossible = types.some((type) => having.has(type))
  if (!isPossible && having.size === 0) {
    const known = types.flatMap(
      (type) => index.get(type)?.attributes.map((attribute) => attribute.name) ?? [],
    )
    typing.report({
      code: 'unknown-attribute',
      span: node.name.span,
      message: `no type has an attribute \`${name}\``,
      hint: () => didYouMean(name, known) ?? FOREIGN_ATTRIBUTES.get(name) ?? 'declare it in the type',
      related: relatedCalls(typing),
    })
    return value(BOOL)
  }
  const constant = !isPossible ? false : name === 'id' ? true : undefined
  const object = pathOf(node.operand, position.scope, typing)
  return toTest(typing, node, position, {
    constant,
    whenTrue: bothHold(
      factsOf(object, { only: having, isPresent: false }),
      factsOf(memberPath(node.operand, name, position, typing), PRESENT),
    ),
  })
}

export function inferTextTest(typing: Typing, node: TextTest, position: Position): Typed {
  const operand = inferPresent(typing, node.operand, notMonotone(position))
  if (operand.type !== undefined && !isText(operand.type)) {
    typing.report({
      code: 'type-mismatch',
      span: node.operand.span,
      message: `\`${node.kind}\` tests a String, and this is ${withArticle(operand.type)}`,
      hint:
        operand.type.kind === 'entity'
          ? `test \`${describeExpression(node.operand) ?? '…'}.id\``
          : 'compare it with `==`, `<` or `in`',
      related: relatedCalls(typing),
    })
  }
  return value(BOOL)
}

export function inferHasRole(typing: Typing, node: HasRole, position: Position): Typed {
  const { roots, isMonotone } = position
  if (node.on === undefined) {
    if (roots.resource === undefined) {
      typing.report({
        code: 'root-not-allowed',
        span: node.span,
        message: `there is no \`resource\` ${roots.place}, so the role test must name an entity`,
        hint: `write \`hasRole(${quoteName(node.role.name)}, …)\` with the entity on which the role is to be held`,
        related: relatedCalls(typing),
      })
      return value(BOOL)
    }
    typing.noteRoleTest({ node, role: node.role.name, types: resourceTypes(position), isMonotone })
    return value(BOOL)
  }
  const on = inferPresent(typing, node.on, notMonotone(position))
  if (on.type === undefined) return value(BOOL)
  if (on.type.kind === 'entity') {
    typing.noteRoleTest({ node, role: node.role.name, types: on.type.types, isMonotone })
    return value(BOOL)
  }
  typing.report({
    code: 'type-mismatch',
    span: node.on.span,
    message: `a role is held on an entity, and this is ${withArticle(on.type)}`,
    hint: 'name an entity, such as `resource` or one of its attributes',
    related: relatedCalls(typing),
  })
  return value(BOOL)
}

/** `m has k` would ask for the key "k", and be read as asking for the value of a variable `k`. */
function reportUnquotedKey(typing: Typing, node: HasTest): void {
  const { name, span } = node.name
  const map = describeExpression(node.operand)
  typing.report({
    code: 'unquoted-key',
    span,
    message: `a key of a Map is written as a string, and \`${name}\` is none`,
    hint: `write \`${map} has ${JSON.stringify(name)}\`, or, for the value of a variable, \`${name} in ${map}.keys\``,
    related: relatedCalls(typing),
  })
}
