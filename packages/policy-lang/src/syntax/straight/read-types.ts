// Declarations of types. See `parse-straight.ts`.
import type {
  ActionDeclaration,
  ActionGroupDeclaration,
  AttributeDeclaration,
  ContextDeclaration,
  EntityTypeDeclaration,
  Name,
  Parameter,
  TypeAliasDeclaration,
  TypeExpression,
} from '../../ast/nodes.ts'
import type { Span } from '../../diagnostics/span.ts'
import { type Cursor, giveUp } from './cursor.ts'
import { readWord } from './read-expression.ts'

type Doc = { readonly doc?: string }

interface Members {
  readonly attributes: AttributeDeclaration[]
  readonly actions: ActionDeclaration[]
  readonly actionGroups: ActionGroupDeclaration[]
  storedParents?: Span
  storedRoles?: Span
}

export function docOf(cursor: Cursor): Doc {
  const doc = cursor.doc()
  return doc === undefined ? {} : { doc }
}

export function readEntityType(cursor: Cursor): EntityTypeDeclaration {
  const { start } = cursor
  const doc = docOf(cursor)
  const isSubject = cursor.is('subject')
  if (isSubject) cursor.advance()
  const isResource = cursor.takes('resource')
  if (!isSubject && !isResource) cursor.take('entity')
  const name = cursor.name()
  const parents = cursor.takes('in') ? cursor.names() : []
  const members: Members = { attributes: [], actions: [], actionGroups: [] }
  if (cursor.takes('{')) {
    while (!cursor.takes('}')) readMember(cursor, members)
  }
  return {
    kind: 'entityType',
    name,
    isSubject,
    isResource,
    parents,
    ...members,
    ...doc,
    span: cursor.since(start),
  }
}

function readMember(cursor: Cursor, members: Members): void {
  if (cursor.is('actions') && !isAttributeAhead(cursor)) readActions(cursor, members)
  else if (cursor.is('stored') && !isAttributeAhead(cursor)) readStored(cursor, members)
  else members.attributes.push(readAttribute(cursor))
}

/** A keyword in front of `:` or `?:` is the name of an attribute. */
function isAttributeAhead(cursor: Cursor): boolean {
  const next = cursor.peek()
  return next === ':' || next === '?'
}

function readStored(cursor: Cursor, members: Members): void {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.advance()
  const isPart = cursor.is('parents') || cursor.is('roles')
  if (!isPart || isAttributeAhead(cursor)) {
    const attribute = readAttribute(cursor)
    members.attributes.push({ ...attribute, ...doc, isStored: true, span: { ...attribute.span, start } })
    return
  }
  const part = cursor.is('parents') ? 'storedParents' : 'storedRoles'
  cursor.advance()
  if (members[part] !== undefined) giveUp()
  members[part] = cursor.since(start)
}

function readActions(cursor: Cursor, members: Members): void {
  const { start } = cursor
  const lineDoc = docOf(cursor)
  cursor.advance()
  const docs = { ...lineDoc, ...docOf(cursor) }
  const name = cursor.actionName()
  if (cursor.takes('=')) {
    const names = cursor.actionNames()
    members.actionGroups.push({
      kind: 'actionGroup',
      name,
      members: names,
      ...docs,
      span: cursor.since(start),
    })
    return
  }
  members.actions.push(readActionRest(cursor, name, docs))
  while (cursor.takes(',')) {
    const ownDocs = { ...lineDoc, ...docOf(cursor) }
    members.actions.push(readActionRest(cursor, cursor.actionName(), ownDocs))
  }
}

function readActionRest(cursor: Cursor, name: Name, docs: Doc): ActionDeclaration {
  const parameters = readOptionalParameters(cursor)
  return { kind: 'action', name, parameters, ...docs, span: cursor.since(name.span.start) }
}

function readAttribute(cursor: Cursor): AttributeDeclaration {
  const { start } = cursor
  const doc = docOf(cursor)
  const name = readWord(cursor)
  const isOptional = cursor.takes('?')
  cursor.take(':')
  const type = readType(cursor)
  const span = cursor.since(start)
  cursor.takes(',')
  return { kind: 'attribute', name, type, isOptional, isStored: false, ...doc, span }
}

function readAttributes(cursor: Cursor): AttributeDeclaration[] {
  const attributes: AttributeDeclaration[] = []
  cursor.take('{')
  while (!cursor.takes('}')) attributes.push(readAttribute(cursor))
  return attributes
}

export function readOptionalParameters(cursor: Cursor): Parameter[] {
  return cursor.is('(') ? readParameters(cursor) : []
}

export function readParameters(cursor: Cursor): Parameter[] {
  const parameters: Parameter[] = []
  cursor.take('(')
  if (cursor.takes(')')) return parameters
  do parameters.push(readParameter(cursor))
  while (cursor.takes(','))
  cursor.take(')')
  return parameters
}

function readParameter(cursor: Cursor): Parameter {
  const { start } = cursor
  const name = readWord(cursor)
  const isOptional = cursor.takes('?')
  cursor.take(':')
  const type = readType(cursor)
  return { kind: 'parameter', name, type, isOptional, span: cursor.since(start) }
}

export function readContext(cursor: Cursor): ContextDeclaration {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.advance()
  const attributes = readAttributes(cursor)
  return { kind: 'context', attributes, ...doc, span: cursor.since(start) }
}

export function readTypeAlias(cursor: Cursor): TypeAliasDeclaration {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.advance()
  const name = cursor.name()
  cursor.take('=')
  const type = readType(cursor)
  return { kind: 'typeAlias', name, type, ...doc, span: cursor.since(start) }
}

function readType(cursor: Cursor): TypeExpression {
  const { start } = cursor
  cursor.enter()
  const first = readSingleType(cursor)
  const members = [first]
  while (cursor.takes('|')) members.push(readSingleType(cursor))
  cursor.depth--
  return members.length === 1 ? first : { kind: 'unionType', members, span: cursor.since(start) }
}

function readSingleType(cursor: Cursor): TypeExpression {
  const { start } = cursor
  if (cursor.is('string')) {
    const span = cursor.span()
    return { kind: 'literalType', value: cursor.title(), span }
  }
  if (cursor.is('{')) {
    const fields = readAttributes(cursor)
    return { kind: 'recordType', fields, span: cursor.since(start) }
  }
  const name = cursor.name()
  if (!cursor.takes('<')) return { kind: 'namedType', name, span: name.span }
  const argument = readType(cursor)
  cursor.take('>')
  const span = cursor.since(start)
  if (name.name === 'Map') return { kind: 'mapType', value: argument, span }
  return name.name === 'Set' ? { kind: 'setType', element: argument, span } : giveUp()
}
