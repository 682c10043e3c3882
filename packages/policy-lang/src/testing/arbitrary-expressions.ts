import fc from 'fast-check'
import { ENTITY_IDS, GROUP_IDS, HOSTILE_NAME } from './arbitrary-schema.ts'

/** What an expression may read where it stands. */
export interface ExpressionScope {
  /** Roles that may be tested. */
  readonly roles: readonly string[]
  /** Whether `action` is a root here. */
  readonly hasAction: boolean
  /** The variable of the quantifier around it, a String. Quantifiers do not nest. */
  readonly variable?: string
}

/** A Bool expression, in parentheses unless it is a single test. */
export function anyCondition(scope: ExpressionScope, depth = 2): fc.Arbitrary<string> {
  const leaf = fc.oneof(anyTest(scope), anyRoleTest(scope), anyEntityTest(), anyContextTest(), anyTimeTest())
  if (depth === 0) return leaf
  const inner = anyCondition(scope, depth - 1)
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    fc.tuple(inner, inner).map(([a, b]) => `(${a} && ${b})`),
    fc.tuple(inner, inner).map(([a, b]) => `(${a} || ${b})`),
    inner.map((a) => `!(${a})`),
    fc.tuple(inner, inner, inner).map(([test, a, b]) => `(${test} ? ${a} : ${b})`),
    ...(scope.variable === undefined ? [anyQuantifier(scope, depth)] : []),
  )
}

/** A String expression. */
export function anyString(scope: ExpressionScope): fc.Arbitrary<string> {
  return fc.oneof(
    anyWord().map((word) => JSON.stringify(word)),
    anyReadString(scope),
  )
}

/** A String that is no literal: two literals that differ can never be equal, and comparing them is an error. */
function anyReadString(scope: ExpressionScope): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('subject.name', 'resource.owner.name', '(resource.note ?? "none")', 'subject.id'),
    ...(scope.hasAction ? [fc.constant('action.name')] : []),
    ...(scope.variable === undefined ? [] : [fc.constant(scope.variable)]),
  )
}

function anyWord(): fc.Arbitrary<string> {
  return fc.constantFrom('x', 'y', '', HOSTILE_NAME)
}

function anyNumber(): fc.Arbitrary<string> {
  const term = fc.oneof(
    fc.integer({ min: -3, max: 3 }).map(String),
    fc.constantFrom(
      'subject.level',
      'resource.rank',
      '(context.score ?? 0)',
      'resource.tags.size',
      '9007199254740991',
    ),
  )
  return fc.oneof(
    { weight: 2, arbitrary: term },
    fc.tuple(term, fc.constantFrom('+', '-', '*'), term).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
  )
}

function anyTest(scope: ExpressionScope): fc.Arbitrary<string> {
  const order = fc.constantFrom('<', '<=', '>', '>=', '==', '!=')
  return fc.oneof(
    fc.tuple(anyNumber(), order, anyNumber()).map((parts) => parts.join(' ')),
    fc
      .tuple(anyReadString(scope), fc.constantFrom('==', '!='), anyString(scope))
      .map((parts) => parts.join(' ')),
    fc
      .tuple(anyString(scope), fc.constantFrom('like "*x"', 'like "__*"', 'matches "[a-z]+"'))
      .map((parts) => parts.join(' ')),
    anyString(scope).map((text) => `resource.tags.contains(${text})`),
    anyString(scope).map((text) => `${text} in resource.tags`),
    fc.constantFrom(
      'resource.tags.isEmpty',
      'resource.status == "public"',
      'resource.status != "team"',
      `subject["${HOSTILE_NAME}"]`,
      'resource has note',
      '(resource has note && resource.note == "x")',
      'subject has nick',
      `(resource.labels["${HOSTILE_NAME}"] ?? "y") == "x"`,
      'resource.labels has "x"',
      'resource.labels.size > 1',
    ),
  )
}

function anyRoleTest({ roles }: ExpressionScope): fc.Arbitrary<string> {
  if (roles.length === 0) return fc.constant('resource.owner == subject')
  const folder = fc.constantFrom(...GROUP_IDS).map((id) => `, Folder::"${id}"`)
  return fc
    .tuple(fc.constantFrom(...roles), fc.oneof(fc.constant(''), folder))
    .map(([role, on]) => `hasRole(${role}${on})`)
}

function anyEntityTest(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...GROUP_IDS).map((id) => `(subject is User && subject in Team::"${id}")`),
    fc.constantFrom(...GROUP_IDS).map((id) => `resource in Folder::"${id}"`),
    fc.constantFrom(...ENTITY_IDS).map((id) => `resource.owner == User::"${id}"`),
    fc.constantFrom(
      'resource.owner == subject',
      'subject in resource.owner.peers',
      'subject in subject.peers',
    ),
  )
}

function anyContextTest(): fc.Arbitrary<string> {
  return fc.constantFrom(
    'context.trusted',
    'context has ip',
    'context has score',
    '(context.ip ?? ip("10.0.0.1")) in ip("10.0.0.0/8")',
    '(context has ip && context.ip.isLoopback)',
    '(context.token?.scopes.contains("x") ?? false)',
    '(context has token && context.token.scopes.isEmpty)',
  )
}

function anyTimeTest(): fc.Arbitrary<string> {
  return fc.constantFrom(
    'resource.created < context.now',
    'context.now - resource.created > 1d',
    'context.now < datetime("2026-06-01")',
    'context.now.time >= 8h',
    'context.now.dayOfWeek("Europe/Berlin") == "mon"',
    '(context.token?.issued ?? datetime("1970-01-01")) > context.now - 5m',
  )
}

function anyQuantifier(scope: ExpressionScope, depth: number): fc.Arbitrary<string> {
  const body = anyCondition({ ...scope, variable: 'tag' }, depth - 1)
  return fc
    .tuple(fc.constantFrom('some', 'every'), body)
    .map(([quantifier, test]) => `(${quantifier} tag in resource.tags: ${test})`)
}
