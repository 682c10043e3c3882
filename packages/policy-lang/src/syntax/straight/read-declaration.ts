// Declarations of all kinds but types and tests. See `parse-straight.ts`.
import type {
  Assignment,
  AssignmentScope,
  AssignmentTarget,
  Clause,
  Duty,
  Effect,
  EntityLiteral,
  FnDeclaration,
  Grant,
  Invariant,
  LetDeclaration,
  NameList,
  RoleCondition,
  RoleDeclaration,
  Rule,
  TrustStoreDeclaration,
  Who,
} from '../../ast/nodes.ts'
import { type Cursor, giveUp } from './cursor.ts'
import { readArguments, readEntityRest, readExpression, readWord } from './read-expression.ts'
import { docOf, readOptionalParameters, readParameters } from './read-types.ts'

export function readTrustStore(cursor: Cursor): TrustStoreDeclaration {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.advance()
  cursor.take('store')
  return { kind: 'trustStore', ...doc, span: cursor.since(start) }
}

export function readRole(cursor: Cursor): RoleDeclaration | RoleCondition {
  const { start } = cursor
  const doc = docOf(cursor)
  const isInherited = cursor.takes('inherited')
  cursor.take('role')
  const name = cursor.name()
  if (cursor.is('of') || cursor.is('if')) {
    if (isInherited) giveUp()
    const types = cursor.takes('of') ? cursor.names() : []
    cursor.take('if')
    const condition = readExpression(cursor)
    return { kind: 'roleCondition', role: name, types, condition, ...doc, span: cursor.since(start) }
  }
  const parameters = readOptionalParameters(cursor)
  const parents = cursor.takes('extends') ? cursor.names() : []
  const when = cursor.takes('when') ? { when: readExpression(cursor) } : {}
  const grants: Grant[] = []
  const hasBody = cursor.takes('{')
  if (hasBody) while (!cursor.takes('}')) grants.push(readGrant(cursor))
  const rest = { parameters, extends: parents, ...when, grants, hasBody }
  return { kind: 'role', name, isInherited, ...rest, ...doc, span: cursor.since(start) }
}

function readGrant(cursor: Cursor): Grant {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.take('can')
  const actions = readActionList(cursor)
  cursor.take('on')
  const types = readTypeList(cursor)
  const clauses = readClauses(cursor)
  const duties = readDuties(cursor)
  return { kind: 'grant', actions, types, clauses, duties, ...doc, span: cursor.since(start) }
}

export function readAssignment(cursor: Cursor): Assignment {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.advance()
  const role = cursor.name()
  const args = cursor.is('(') ? readArguments(cursor) : []
  cursor.take('to')
  const to = readTarget(cursor)
  const on = cursor.takes('on') ? { on: readScope(cursor) } : {}
  const until = cursor.takes('until') ? { until: readExpression(cursor) } : {}
  const span = cursor.since(start)
  return { kind: 'assignment', role, arguments: args, to, ...on, ...until, ...doc, span }
}

function readTarget(cursor: Cursor): AssignmentTarget {
  const { start } = cursor
  if (cursor.is('any')) return readAnyOf(cursor)
  if (cursor.takes('anyone')) return { kind: 'anyone', span: cursor.since(start) }
  const name = cursor.name()
  if (cursor.is('::')) return readEntityRest(cursor, name)
  cursor.take('of')
  const on = readEntity(cursor)
  return { kind: 'holders', role: name, on, span: cursor.since(start) }
}

function readScope(cursor: Cursor): AssignmentScope {
  return cursor.is('any') ? readAnyOf(cursor) : readEntity(cursor)
}

function readAnyOf(cursor: Cursor): Extract<AssignmentScope, { kind: 'anyOf' }> {
  const { start } = cursor
  cursor.advance()
  const type = cursor.name()
  return { kind: 'anyOf', type, span: cursor.since(start) }
}

function readEntity(cursor: Cursor): EntityLiteral {
  return readEntityRest(cursor, cursor.name())
}

export function readLet(cursor: Cursor): LetDeclaration {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.advance()
  const name = cursor.name()
  cursor.take('=')
  const value = readExpression(cursor)
  return { kind: 'let', name, value, ...doc, span: cursor.since(start) }
}

export function readFn(cursor: Cursor): FnDeclaration {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.advance()
  const name = cursor.name()
  const parameters = readParameters(cursor)
  cursor.take('=')
  const body = readExpression(cursor)
  return { kind: 'fn', name, parameters, body, ...doc, span: cursor.since(start) }
}

export function readRule(cursor: Cursor): Rule {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.advance()
  const name = cursor.name()
  cursor.take(':')
  const isAfter = cursor.takes('after')
  const effect = readEffect(cursor)
  const { actions, types, who } = readScopeOfRule(cursor)
  const clauses = readClauses(cursor)
  const duties = readDuties(cursor)
  const span = cursor.since(start)
  return { kind: 'rule', name, isAfter, effect, actions, types, who, clauses, duties, ...doc, span }
}

export function readInvariant(cursor: Cursor): Invariant {
  const { start } = cursor
  const doc = docOf(cursor)
  cursor.advance()
  const name = cursor.title()
  cursor.take(':')
  const form = cursor.kind === 'never' || cursor.kind === 'always' ? cursor.kind : giveUp()
  cursor.advance()
  const { actions, types, who } = readScopeOfRule(cursor)
  const clauses = readClauses(cursor)
  return { kind: 'invariant', name, form, actions, types, who, clauses, ...doc, span: cursor.since(start) }
}

function readEffect(cursor: Cursor): Effect {
  const effect = cursor.kind === 'allow' || cursor.kind === 'deny' ? cursor.kind : giveUp()
  cursor.advance()
  return effect
}

/** `ACTIONS on TYPES to WHO`. */
function readScopeOfRule(cursor: Cursor): Pick<Rule, 'actions' | 'types' | 'who'> {
  const actions = readActionList(cursor)
  cursor.take('on')
  const types = readTypeList(cursor)
  const who: Who[] = []
  if (cursor.takes('to')) {
    do who.push(readWho(cursor))
    while (cursor.takes(','))
  }
  return { actions, types, who }
}

function readActionList(cursor: Cursor): NameList {
  const { start } = cursor
  if (cursor.takes('*')) return { kind: 'all', span: cursor.since(start) }
  const names = cursor.actionNames()
  return { kind: 'names', names, span: cursor.since(start) }
}

function readTypeList(cursor: Cursor): NameList {
  const { start } = cursor
  if (cursor.takes('*')) return { kind: 'all', span: cursor.since(start) }
  const names = cursor.names()
  return { kind: 'names', names, span: cursor.since(start) }
}

function readWho(cursor: Cursor): Who {
  const { start, kind } = cursor
  if (cursor.takes('anyone')) return { kind: 'anyone', span: cursor.since(start) }
  if (kind === 'role' || kind === 'type') {
    cursor.advance()
    const name = cursor.name()
    return { kind: 'whoName', qualifier: kind, name, span: cursor.since(start) }
  }
  const name = cursor.name()
  if (cursor.is('::')) return readEntityRest(cursor, name)
  return { kind: 'whoName', name, span: cursor.since(start) }
}

function readClauses(cursor: Cursor): Clause[] {
  const clauses: Clause[] = []
  while (cursor.kind === 'if' || cursor.kind === 'unless') {
    const { start, kind } = cursor
    cursor.advance()
    const condition = readExpression(cursor)
    clauses.push({ kind, condition, span: cursor.since(start) })
  }
  return clauses
}

function readDuties(cursor: Cursor): Duty[] {
  const duties: Duty[] = []
  while (cursor.kind === 'obligate' || cursor.kind === 'advise') {
    const { start, kind } = cursor
    cursor.advance()
    const name = readWord(cursor)
    const args = readArguments(cursor)
    duties.push({ kind, name, arguments: args, span: cursor.since(start) })
  }
  return duties
}
