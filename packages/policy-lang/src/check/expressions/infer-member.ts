import type { Expression, Index, Member, Name } from '../../ast/nodes.ts'
import { FOREIGN_METHODS } from '../../diagnostics/foreign-words.ts'
import type { FieldType, Type } from '../../model/types.ts'
import { didYouMean } from '../did-you-mean.ts'
import { entityOf, STRING } from '../type-relations.ts'
import { findContextField } from './context-field.ts'
import { describeExpression, quoteName } from './describe-expression.ts'
import { filterByFact } from './facts.ts'
import { inferAttribute } from './infer-attribute.ts'
import { inferPlainMethod, isMethodOf, listMethods, METHOD_NAMES } from './infer-method.ts'
import { isRootAllowed, pairsAt } from './infer-root.ts'
import { joinFields, toTyped } from './join-fields.ts'
import { memberPath } from './path.ts'
import { inferReceiver, keepChain } from './receiver.ts'
import { inferPresent, withArticle } from './require.ts'
import { type Position, relatedCalls, type Typed, type Typing, UNKNOWN, value } from './typing.ts'

/** `a.b`, `a?.b`: an attribute, a member, a parameter of the action, or a method without arguments. */
export function inferMember(typing: Typing, node: Member, position: Position): Typed {
  const field = inferFieldOfRoot(typing, node.object, node.name, position)
  if (field !== undefined) return narrowMember(typing, node.object, node.name.name, position, field)
  const receiver = inferReceiver(typing, node, position)
  if (receiver.type === undefined) return UNKNOWN
  if (isMethodOf(receiver.type, node.name.name)) {
    typing.noteMethod(node)
    return keepChain(inferPlainMethod(typing, node, receiver.type), receiver)
  }
  const typed = inferFieldOf(typing, receiver.type, node.object, node.name)
  return narrowMember(typing, node.object, node.name.name, position, keepChain(typed, receiver))
}

/** `a["k"]`: an attribute or member by its quoted name, or an entry of a map. */
export function inferIndex(typing: Typing, node: Index, position: Position): Typed {
  const name: Name | undefined =
    node.key.kind === 'string' ? { name: node.key.value, span: node.key.span } : undefined
  if (name !== undefined) {
    const field = inferFieldOfRoot(typing, node.object, name, position)
    if (field !== undefined) return narrowMember(typing, node.object, name.name, position, field)
  }
  const receiver = inferReceiver(typing, node, position)
  if (receiver.type?.kind === 'map') {
    checkKey(typing, node.key, position)
    const entry: Typed = {
      ...value(receiver.type.value),
      isOptional: true,
      isShortCircuited: receiver.isShortCircuited,
    }
    return name === undefined ? entry : narrowMember(typing, node.object, name.name, position, entry)
  }
  if (receiver.type === undefined) {
    if (name === undefined) typing.infer(node.key, position)
    return UNKNOWN
  }
  if (name === undefined || (receiver.type.kind !== 'entity' && receiver.type.kind !== 'record')) {
    // Of a key that is no value at all, that is enough to say.
    if (node.key.kind === 'reference' && typing.infer(node.key, position).type === undefined) return UNKNOWN
    return reportIndex(typing, node, receiver.type)
  }
  const typed = inferFieldOf(typing, receiver.type, node.object, name)
  return narrowMember(typing, node.object, name.name, position, keepChain(typed, receiver))
}

function checkKey(typing: Typing, key: Expression, position: Position): void {
  const typed = inferPresent(typing, key, position)
  if (typed.type === undefined || typed.type.kind === 'string' || typed.type.kind === 'enum') return
  typing.report({
    code: 'type-mismatch',
    span: key.span,
    message: `the keys of a Map are Strings, and this is ${withArticle(typed.type)}`,
    hint: typed.type.kind === 'entity' ? 'use its `.id`' : 'write the key as a string',
    related: relatedCalls(typing),
  })
}

function reportIndex(typing: Typing, node: Index, type: Type): Typed {
  typing.report({
    code: 'type-mismatch',
    span: node.key.span,
    message: `only a Map is asked for a computed key, and this is ${withArticle(type)}`,
    hint:
      type.kind === 'set' ? 'test membership with `in`' : 'write the name as a string literal, or after `.`',
    related: relatedCalls(typing),
  })
  return UNKNOWN
}

/** What facts say of a member: that it is there, or of which types it is. */
function narrowMember(
  typing: Typing,
  object: Expression,
  name: string,
  position: Position,
  typed: Typed,
): Typed {
  const { facts } = position
  if (facts === 'never' || facts.size === 0 || typed.type === undefined) return typed
  const path = memberPath(object, name, position, typing)
  const fact = path === undefined ? undefined : facts.get(path)
  if (fact === undefined) return typed
  const present = fact.isPresent ? { ...typed, isOptional: false, isShortCircuited: false } : typed
  if (typed.type.kind !== 'entity') return present
  const types = filterByFact(typed.type.types, fact)
  return { ...present, type: types.length === 0 ? undefined : entityOf(types) }
}

/** `context.x`, `action.p`; `undefined` where the object is neither root. */
function inferFieldOfRoot(
  typing: Typing,
  object: Expression,
  name: Name,
  position: Position,
): Typed | undefined {
  if (object.kind !== 'root' || object.root === 'subject' || object.root === 'resource') return undefined
  if (!isRootAllowed(typing, object, position)) return UNKNOWN
  if (object.root === 'action') return inferParameter(typing, name, position)
  const field = findContextField(typing, name)
  return field === undefined ? UNKNOWN : toTyped(field)
}

function inferParameter(typing: Typing, name: Name, position: Position): Typed {
  if (name.name === 'name') return value(STRING)
  const pairs = pairsAt(position)
  const found: FieldType[] = []
  const lacking: string[] = []
  for (const pair of pairs) {
    const action = typing.tables.types.action(pair.resourceType, pair.action)
    const parameter = action?.parameters.find((candidate) => candidate.name === name.name)
    if (parameter === undefined) lacking.push(pair.action)
    else found.push(parameter)
  }
  if (lacking.length > 0) return reportParameter(typing, name, lacking)
  return joinFields(typing, name, found)
}

function reportParameter(typing: Typing, name: Name, lacking: readonly string[]): Typed {
  const all = typing.allRoots.pairs ?? []
  const known = new Map<string, string>()
  for (const pair of all) {
    for (const parameter of typing.tables.types.action(pair.resourceType, pair.action)?.parameters ?? []) {
      if (!known.has(parameter.name)) known.set(parameter.name, pair.action)
    }
  }
  const having = known.get(name.name)
  typing.report({
    code: having === undefined ? 'unknown-parameter' : 'absent-parameter',
    span: name.span,
    message: `the action \`${lacking[0]}\` has no parameter \`${name.name}\``,
    hint: () =>
      having === undefined
        ? (didYouMean(name.name, [...known.keys(), 'name']) ??
          actionNameHint(typing, name.name) ??
          `declare it: \`actions ${lacking[0]}(${quoteName(name.name)}: …)\``)
        : `test it first: \`action == ${quoteName(having)} && …\` or \`action has ${quoteName(name.name)} && …\``,
    related: relatedCalls(typing),
  })
  return UNKNOWN
}

/** `action.read` asks which action it is. */
function actionNameHint(typing: Typing, name: string): string | undefined {
  if (!typing.tables.types.actionNames.has(name)) return undefined
  return `to ask which action it is, write \`action == ${quoteName(name)}\``
}

/** A member of an entity or record. */
function inferFieldOf(typing: Typing, type: Type, object: Expression, name: Name): Typed {
  if (type.kind === 'entity') return inferAttribute(typing, type.types, object, name)
  if (type.kind === 'record') {
    const field = type.fields.find((candidate) => candidate.name === name.name)
    if (field !== undefined) return toTyped(field)
  }
  typing.report({
    code: 'unknown-attribute',
    span: name.span,
    message: `${withArticle(type)} has no member \`${name.name}\``,
    hint: () => memberHint(type, object, name.name),
    related: relatedCalls(typing),
  })
  return UNKNOWN
}

function memberHint(type: Type, object: Expression, name: string): string | undefined {
  if (type.kind === 'record') {
    const names = type.fields.map((field) => field.name)
    return didYouMean(name, names) ?? `it has ${names.map((each) => `\`${each}\``).join(', ')}`
  }
  if (type.kind === 'set' && type.element.kind === 'entity') {
    const set = describeExpression(object) ?? 'SET'
    return `ask its members: \`some x in ${set}: x.${name} …\``
  }
  if (type.kind === 'map') return `entries of a Map are read by key: \`[${JSON.stringify(name)}]\``
  return FOREIGN_METHODS.get(name) ?? didYouMean(name, METHOD_NAMES) ?? listMethods(type)
}
