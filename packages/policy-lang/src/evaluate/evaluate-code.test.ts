import { describe, expect, it } from 'vitest'
import type { EntityData } from '../model/entity-data.ts'
import type { DecisionRequest, JsonObject } from '../model/request.ts'
import { toJson } from '../model/value-json.ts'
import type { Code, Place } from '../program/program.ts'
import { evaluate } from './evaluate-code.ts'
import {
  absent,
  and,
  arithmetic,
  ask,
  attribute,
  BOOL,
  buildProgram,
  choose,
  coalesce,
  compare,
  context,
  DATETIME,
  DURATION,
  datetime,
  duration,
  entity,
  entityOf,
  entityType,
  entry,
  equal,
  field,
  has,
  hasContext,
  hasParameter,
  IP,
  isIn,
  isType,
  literal,
  mapOf,
  member,
  method,
  NUMBER,
  not,
  now,
  or,
  parameter,
  quantify,
  recordOf,
  resource,
  roleParameter,
  STRING,
  set,
  setOf,
  storeOf,
  subject,
  variable,
} from './fixtures.ts'
import { linkProgram } from './link.ts'
import { prepareDecision } from './prepare.ts'
import { isFailure, type Result } from './result.ts'

const read = {
  name: 'read',
  parameters: [field('format', STRING), field('rows?', NUMBER)],
}

const linked = linkProgram(
  buildProgram({
    types: [
      entityType('User', {
        parents: ['Team'],
        attributes: [attribute('email', STRING), attribute('boss?', entityOf('User'))],
      }),
      entityType('Service'),
      entityType('Team', { parents: ['Team'] }),
      entityType('Document', {
        actions: [read],
        attributes: [attribute('owner', entityOf('User', 'Service'))],
      }),
    ],
    context: [
      field('flag?', BOOL),
      field('text?', STRING),
      field('number?', NUMBER),
      field('at?', DATETIME),
      field('length?', DURATION),
      field('ip?', IP),
      field('list?', setOf(STRING)),
      field('nets?', setOf(IP)),
      field('teams?', setOf(entityOf('Team'))),
      field('labels?', mapOf(STRING)),
      field('token?', recordOf(field('acr?', STRING), field('level', NUMBER))),
      field('required', STRING),
    ],
  }),
)

interface Situation {
  readonly context?: JsonObject
  readonly request?: Partial<DecisionRequest>
  readonly data?: EntityData
  readonly now?: string
}

function resultOf(code: Code, situation: Situation): Result {
  const request = ask({ context: situation.context ?? {}, ...situation.request })
  const { now: instant } = situation
  const prepared = prepareDecision(linked, request, {
    entities: storeOf(situation.data),
    ...(instant !== undefined && { now: () => Date.parse(instant) }),
  })
  if (prepared.kind !== 'rules') throw new Error('the request must meet rules')
  const scope = { resource: prepared.session.resource, parameters: new Map(), variables: new Map() }
  return evaluate(code, scope, prepared.session)
}

/** JSON of the value, or `'absent'`, or `'failed'`. */
function jsonOf(code: Code, situation: Situation = {}): unknown {
  const result = resultOf(code, situation)
  if (result === undefined) return 'absent'
  return isFailure(result) ? 'failed' : toJson(result)
}

type Case = readonly [claim: string, code: Code, expected: unknown, situation?: Situation]

function checkAll(cases: readonly Case[]): void {
  for (const [claim, code, expected, situation] of cases) {
    it(claim, () => expect(jsonOf(code, situation)).toEqual(expected))
  }
}

const T = literal(true)
const F = literal(false)
/** Failed: a required context value that is not sent. */
const X = compare(context('required'), '==', literal('x'))
const text = (value: string): Code => literal(value)
const ann = { type: 'User', id: 'ann' }

describe('evaluate: logic', () => {
  const truth: readonly (readonly [boolean | 'failed', Code])[] = [
    [true, T],
    [false, F],
    ['failed', X],
  ]
  const conjunction = (a: unknown, b: unknown): unknown =>
    a === false || b === false ? false : a === true && b === true ? true : 'failed'
  const negation = (a: unknown): unknown => (typeof a === 'boolean' ? !a : a)
  for (const [a, codeA] of truth) {
    it(`negates ${a}`, () => expect(jsonOf(not(codeA))).toBe(negation(a)))
    for (const [b, codeB] of truth) {
      it(`combines ${a} and ${b} in strong Kleene logic, in either order`, () => {
        const both = conjunction(a, b)
        const either = negation(conjunction(negation(a), negation(b)))
        expect([jsonOf(and(codeA, codeB)), jsonOf(and(codeB, codeA))]).toEqual([both, both])
        expect([jsonOf(or(codeA, codeB)), jsonOf(or(codeB, codeA))]).toEqual([either, either])
      })
      it(`chooses between ${a} and ${b}`, () => {
        expect(jsonOf(choose(T, codeA, codeB))).toBe(a)
        expect(jsonOf(choose(F, codeA, codeB))).toBe(b)
        expect(jsonOf(choose(X, codeA, codeB))).toBe(a === b ? a : 'failed')
      })
    }
  }

  checkAll([
    ['the empty conjunction is true', and(), true],
    ['the empty disjunction is false', or(), false],
    ['a failed test is passed over where both arms are absent', choose(X, context('text'), absent), 'absent'],
    ['not where one arm is absent', choose(X, context('text'), text('a')), 'failed'],
    [
      'it is where both arms are equal by content',
      choose(X, set(text('a'), text('b')), set(text('b'), text('a'))),
      ['a', 'b'],
    ],
    ['not where they differ', choose(X, text('a'), text('b')), 'failed'],
    ['not where one of them fails', choose(X, X, X), 'failed'],
    ['a condition that is absent is failed', and(context('flag')), 'failed'],
  ])
})

describe('evaluate: quantifiers', () => {
  const list = context('list')
  const isA = equal(variable, text('a'))
  const sent = (...members: string[]): Situation => ({ context: { list: members } })
  const failsOnB = or(isA, and(equal(variable, text('b')), X))
  checkAll([
    ['some is true where one is', quantify('some', list, isA), true, sent('b', 'a')],
    ['some is false where none is', quantify('some', list, isA), false, sent('b')],
    ['some is false over nothing', quantify('some', list, X), false, sent()],
    [
      'some is failed where one failed and none is true',
      quantify('some', list, failsOnB),
      'failed',
      sent('b', 'c'),
    ],
    ['some is true beside a failed one', quantify('some', list, failsOnB), true, sent('b', 'a')],
    ['every is true where all are', quantify('every', list, isA), true, sent('a')],
    ['every is true over nothing', quantify('every', list, X), true, sent()],
    ['every is false where one is', quantify('every', list, failsOnB), false, sent('b', 'c')],
    [
      'every is failed where one failed and none is false',
      quantify('every', list, failsOnB),
      'failed',
      sent('b', 'a'),
    ],
    [
      'an ill-typed set fails as a whole',
      quantify('some', list, isA),
      'failed',
      { context: { list: ['a', 7] } },
    ],
    ['an absent set fails', quantify('every', list, T), 'failed'],
  ])
})

describe('evaluate: absence', () => {
  const token = context('token')
  checkAll([
    ['an optional value that is not sent is absent', context('text'), 'absent'],
    ['null is absent', context('text'), 'absent', { context: { text: null } }],
    ['a required one fails', context('required'), 'failed'],
    ['an ill-typed one fails', context('text'), 'failed', { context: { text: 1 } }],
    ['?? takes what is there', coalesce(context('text'), text('d')), 'a', { context: { text: 'a' } }],
    ['?? takes the default where absent', coalesce(context('text'), text('d')), 'd'],
    ['?? takes the first of several', coalesce(context('text'), absent, text('d')), 'd'],
    ['?? does not hide a failure', coalesce(context('required'), text('d')), 'failed'],
    [
      '?? does not hide an ill-typed value',
      coalesce(context('text'), text('d')),
      'failed',
      { context: { text: 1 } },
    ],
    ['?? does not look at the default where it is not needed', coalesce(text('a'), X), 'a'],
    ['a chain on an absent receiver is absent', member(token, 'acr'), 'absent'],
    ['so is a method at its end', method(member(token, 'acr'), 'startsWith', context('required')), 'absent'],
    ['so is an entry', entry(context('labels'), text('k')), 'absent'],
    ['an absent member of a record', member(token, 'acr'), 'absent', { context: { token: { level: 1 } } }],
    [
      'a record without a required member fails as a whole',
      member(token, 'acr'),
      'failed',
      { context: { token: { acr: 'x' } } },
    ],
    [
      'undeclared members are not there',
      member(token, 'other'),
      'absent',
      { context: { token: { level: 1, other: 2 } } },
    ],
    ['an absent operand fails', equal(context('text'), text('a')), 'failed'],
    ['an absent element fails the set', set(context('text')), 'failed'],
    ['a failed element fails the set', isIn(text('a'), set(text('a'), context('required'))), 'failed'],
    [
      'a failed entry fails the record',
      member(
        {
          op: 'record',
          entries: [
            { name: 'a', code: X },
            { name: 'b', code: T },
          ],
        },
        'b',
      ),
      'failed',
    ],
    ['an unknown role parameter is absent', roleParameter('limit'), 'absent'],
  ])
})

describe('evaluate: has', () => {
  const token = context('token')
  checkAll([
    ['a declared context value that is sent', hasContext('text'), true, { context: { text: 'a' } }],
    ['one that is not', hasContext('text'), false],
    ['an ill-typed one fails', hasContext('text'), 'failed', { context: { text: 1 } }],
    ['a missing required one fails', hasContext('required'), 'failed'],
    ['an undeclared one is false', hasContext('toString'), false],
    [
      'a parameter',
      hasParameter('rows'),
      true,
      { request: { action: { name: 'read', properties: { rows: 1 } } } },
    ],
    ['no parameter', hasParameter('rows'), false],
    [
      'an ill-typed parameter fails',
      hasParameter('rows'),
      'failed',
      { request: { action: { name: 'read', properties: { rows: 'x' } } } },
    ],
    ['a missing required parameter fails', hasParameter('format'), 'failed'],
    ['a parameter that the action lacks is false', hasParameter('constructor'), false],
    ['a member of a record', has(token, 'acr'), true, { context: { token: { level: 1, acr: 'x' } } }],
    ['none', has(token, 'acr'), false, { context: { token: { level: 1 } } }],
    ['of an absent record fails', has(token, 'acr'), 'failed'],
    [
      'an entry of a map, also of prototype name',
      has(context('labels'), '__proto__'),
      true,
      { context: { labels: JSON.parse('{"__proto__": "x"}') as JsonObject } },
    ],
    ['no inherited one', has(context('labels'), 'toString'), false, { context: { labels: {} } }],
    ['a null entry is none', has(context('labels'), 'k'), false, { context: { labels: { k: null } } }],
    ['an id is always there', has(subject, 'id'), true, { request: { subject: ann } }],
    [
      'what the type lacks is false, known or not',
      has(subject, 'owner'),
      false,
      { request: { subject: ann } },
    ],
    ['on an unknown entity it fails', has(subject, 'boss'), 'failed', { request: { subject: ann } }],
    [
      'on a known one it tells',
      has(subject, 'boss'),
      false,
      { request: { subject: { ...ann, properties: {} } } },
    ],
    [
      'a required attribute without a value fails',
      has(subject, 'email'),
      'failed',
      { request: { subject: { ...ann, properties: {} } } },
    ],
    [
      'an ill-typed attribute fails',
      has(subject, 'boss'),
      'failed',
      { request: { subject: { ...ann, properties: { boss: 7 } } } },
    ],
  ])
})

describe('evaluate: members', () => {
  const given: Situation = { request: { subject: { ...ann, properties: { email: 'e', boss: 'bob' } } } }
  checkAll([
    ['an attribute', member(subject, 'email'), 'e', given],
    ['an id', member(subject, 'id'), 'ann', { request: { subject: ann } }],
    ['the id of a referenced entity', member(subject, 'boss', 'id'), 'bob', given],
    ['an attribute of an unknown entity fails', member(subject, 'boss', 'boss'), 'failed', given],
    ['an attribute that the type lacks fails', member(subject, 'owner'), 'failed', given],
    ['so does one of prototype name', member(subject, 'toString'), 'failed', given],
    [
      'behind a test of the type, that does no harm',
      and(isType(subject, 'Service'), member(subject, 'owner')),
      false,
      given,
    ],
    [
      'an entry of a map',
      entry(context('labels'), context('text')),
      'v',
      { context: { text: 'k', labels: { k: 'v' } } },
    ],
    [
      'an entry that is not there',
      entry(context('labels'), text('toString')),
      'absent',
      { context: { labels: {} } },
    ],
    [
      'an attribute of another entity of the store',
      member(entity('User', 'eve'), 'email'),
      'x',
      { data: { entities: [{ type: 'User', id: 'eve', properties: { email: 'x' } }] } },
    ],
  ])
})

describe('evaluate: comparison', () => {
  const t1 = datetime('2026-01-01T00:00:00Z')
  const t2 = datetime('2026-01-02T00:00:00Z')
  checkAll([
    ['equal numbers', equal(literal(0), literal(-0)), true],
    ['equal strings', equal(text('a'), text('a')), true],
    ['different strings', compare(text('a'), '!=', text('b')), true],
    ['entities by type and id', equal(entity('User', 'ann'), subject), true],
    ['entities of other types', equal(entity('Service', 'ann'), subject), false],
    ['entities of other types differ', compare(entity('Service', 'ann'), '!=', subject), true],
    [
      'sets by content',
      equal(context('list'), set(text('b'), text('a'))),
      true,
      { context: { list: ['a', 'b', 'a'] } },
    ],
    [
      'records by content',
      equal(context('token'), { op: 'record', entries: [{ name: 'level', code: literal(1) }] }),
      true,
      { context: { token: { level: 1, acr: null, x: 2 } } },
    ],
    ['an address and its /32', equal(context('ip'), context('ip')), true, { context: { ip: '10.0.0.1/32' } }],
    ['a failed side fails', equal(text('a'), context('required')), 'failed'],
    ['a failed side fails !=', compare(context('required'), '!=', text('a')), 'failed'],
    ['less', compare(literal(1), '<', literal(2)), true],
    ['not less than itself', compare(literal(1), '<', literal(1)), false],
    ['at most itself', compare(literal(1), '<=', literal(1)), true],
    ['more', compare(t2, '>', t1), true],
    ['at least', compare(t1, '>=', t2), false],
    ['durations', compare(duration(1000), '<', duration(2000)), true],
    ['strings have no order', compare(text('a'), '<', text('b')), 'failed'],
    ['nor have different kinds', compare(t1, '<', duration(1)), 'failed'],
  ])
})

describe('evaluate: in', () => {
  const teams: EntityData = {
    entities: [
      { ...ann, properties: { email: 'e' }, parents: [{ type: 'Team', id: 'core' }] },
      { type: 'Team', id: 'core', parents: [{ type: 'Team', id: 'all' }] },
      { type: 'Team', id: 'all' },
      { type: 'User', id: 'lost', parents: [{ type: 'Team', id: 'gone' }] },
    ],
  }
  const stored: Situation = { data: teams }
  const lost = entity('User', 'lost')
  const given = (list: JsonObject): Situation => ({ context: list, data: teams })
  checkAll([
    ['an entity is in itself, known or not', isIn(entity('User', 'x'), entity('User', 'x')), true],
    ['one below', isIn(subject, entity('Team', 'core')), true, stored],
    ['one further below', isIn(subject, entity('Team', 'all')), true, stored],
    ['one elsewhere', isIn(subject, entity('Team', 'other')), false, stored],
    ['not above', isIn(entity('Team', 'all'), entity('Team', 'core')), false, stored],
    ['unknown parents fail', isIn(subject, entity('Team', 'core')), 'failed'],
    ['an unknown ancestor fails', isIn(lost, entity('Team', 'core')), 'failed', stored],
    ['unless a path reaches', isIn(lost, entity('Team', 'gone')), true, stored],
    ['a type that cannot lie below the other is only compared', isIn(lost, entity('User', 'x')), false],
    ['nor can one without parents', isIn(entity('Service', 's'), entity('Team', 'core')), false],
    ['in a set: any member', isIn(subject, set(entity('Team', 'x'), entity('Team', 'all'))), true, stored],
    ['in a set: none', isIn(subject, set(entity('Team', 'x'))), false, stored],
    ['in the empty set', isIn(lost, context('teams')), false, given({ teams: [] })],
    ['in a set of unknown outcome', isIn(lost, context('teams')), 'failed', given({ teams: ['core', 'x'] })],
    [
      'in a set with one that is reached',
      isIn(lost, context('teams')),
      true,
      given({ teams: ['core', 'gone'] }),
    ],
    ['contains is exact', method(set(entity('Team', 'all')), 'contains', subject), false, stored],
    ['a string in a set', isIn(text('a'), context('list')), true, given({ list: ['a'] })],
    ['a string not in a set', isIn(text('b'), context('list')), false, given({ list: ['a'] })],
    [
      'an address in a block',
      isIn(context('ip'), literal({ kind: 'ip', version: 4, bytes: [10, 0, 0, 0], prefix: 8 })),
      true,
      given({ ip: '::ffff:10.1.2.3' }),
    ],
    [
      'a block in a narrower one',
      isIn(context('ip'), literal({ kind: 'ip', version: 4, bytes: [10, 0, 0, 0], prefix: 16 })),
      false,
      given({ ip: '10.0.0.0/8' }),
    ],
    [
      'an address among addresses is compared',
      isIn(context('ip'), context('nets')),
      false,
      given({ ip: '10.1.2.3', nets: ['10.0.0.0/8'] }),
    ],
    [
      'a failed left side fails, whatever the right',
      isIn(context('required'), context('list')),
      'failed',
      given({ list: [] }),
    ],
  ])
})

/** The failure of an operation, located and in words. */
function failureOf(code: Code, situation: Situation = {}): unknown {
  const result = resultOf(code, situation)
  return isFailure(result) ? [result.message, result.at] : 'no failure'
}

// A Program that was stored may have been changed since: its operators then meet what the checker would refuse.
describe('evaluate: values that an operator does not know', () => {
  const [place, other] = [
    literal({ kind: 'ip', version: 4, bytes: [10, 0, 0, 1], prefix: 32 }),
    entity('Team', 'core'),
  ]
  const values: readonly (readonly [string, Code])[] = [
    ['a string', text('a')],
    ['an address', place],
    ['a duration', duration(1)],
    ['an instant', datetime('2026-01-01')],
    ['a set', set(text('a'))],
  ]
  for (const [name, value] of values) {
    it(`fails to read a member of ${name}`, () =>
      expect(failureOf(member(value, 'x'))).toEqual(['there is no `x` here', [0, 1, 1]]))
    it(`fails to tell whether ${name} has a member`, () =>
      expect(failureOf(has(value, 'x'))).toEqual(['`has` asks no such value', [0, 1, 1]]))
  }
  const notIn: readonly (readonly [string, Code, Code])[] = [
    ['an entity in a string', subject, text('a')],
    ['a string in an entity', text('a'), other],
    ['an address in an entity', place, other],
    ['an entity in an address', subject, place],
    ['a duration in an address', duration(1), place],
    ['an instant in an instant', datetime('2026-01-01'), datetime('2026-01-01')],
  ]
  for (const [name, left, right] of notIn) {
    it(`fails to tell whether there is ${name}`, () =>
      expect(failureOf(isIn(left, right))).toEqual(['`in` asks no such value', [0, 1, 1]]))
  }
  it('fails to read an attribute that the type lacks, or of a type that is not declared', () => {
    expect(failureOf(member(subject, 'wings'))).toEqual(['User::"ann" has no attribute `wings`', [0, 1, 1]])
    expect(failureOf(member(entity('Spaceship', '1'), 'wings'))).toEqual([
      'Spaceship::"1" has no attribute `wings`',
      [0, 1, 1],
    ])
  })
  it('knows that what the type lacks is not there', () => {
    expect(jsonOf(has(entity('Spaceship', '1'), 'wings'))).toBe(false)
    expect(jsonOf(isIn(entity('Spaceship', '1'), other))).toBe(false)
  })
  checkAll([
    ['a duration in a set is compared', isIn(duration(1), set(duration(1))), true],
    ['an instant not in a set is compared', isIn(datetime('2026-01-01'), set(datetime('2026-01-02'))), false],
    [
      'in a set, all that is no entity lies above none',
      isIn(subject, set(text('ann'), duration(1), place)),
      false,
    ],
  ])
})

describe('evaluate: where it fails', () => {
  const inner: Place = [0, 7, 3]
  const fails: Code = { op: 'context', name: 'required', at: inner }
  const of = (code: Code): unknown => failureOf(code)
  it('names the innermost place', () => {
    expect(of(isIn(fails, context('list')))).toMatchObject([expect.any(String), inner])
    expect(of(arithmetic(fails, '+', literal(1)))).toMatchObject([expect.any(String), inner])
  })
  it('names the membership where parents are unknown, and of what', () => {
    expect(of({ op: 'in', left: subject, right: entity('Team', 'core'), at: inner })).toEqual([
      'parents of User::"ann" are not known',
      inner,
    ])
  })
  it('names the attribute that is not known', () => {
    const unknown: Code = { op: 'member', object: entity('User', 'x'), name: 'email', at: inner }
    expect(of(unknown)).toMatchObject([expect.stringContaining('email'), inner])
    expect(of({ op: 'has', operand: entity('User', 'x'), name: 'email', at: inner })).toMatchObject([
      expect.stringContaining('email'),
      inner,
    ])
  })
})

describe('evaluate: arithmetic', () => {
  const max = literal(Number.MAX_SAFE_INTEGER)
  const t = datetime('2026-01-01T00:00:00Z')
  checkAll([
    ['sums', arithmetic(literal(0.5), '+', literal(0.25)), 0.75],
    ['differences', arithmetic(literal(1), '-', literal(2)), -1],
    ['products', arithmetic(literal(1.5), '*', literal(-2)), -3],
    ['the largest result', arithmetic(max, '-', literal(0)), Number.MAX_SAFE_INTEGER],
    ['a sum beyond it fails', arithmetic(max, '+', literal(1)), 'failed'],
    ['a difference beyond it fails', arithmetic(literal(-2), '-', max), 'failed'],
    ['a product beyond it fails', arithmetic(max, '*', max), 'failed'],
    ['texts are joined', arithmetic(text('a'), '+', text('b')), 'ab'],
    ['texts are not subtracted', arithmetic(text('a'), '-', text('b')), 'failed'],
    ['datetime + duration', arithmetic(t, '+', duration(1500)), '2026-01-01T00:00:01.500Z'],
    ['duration + datetime', arithmetic(duration(-1000), '+', t), '2025-12-31T23:59:59Z'],
    ['datetime - duration', arithmetic(t, '-', duration(1000)), '2025-12-31T23:59:59Z'],
    ['datetime - datetime', arithmetic(t, '-', datetime('2025-12-31T23:00:00Z')), 3600],
    ['duration - datetime is none', arithmetic(duration(1), '-', t), 'failed'],
    ['datetime + datetime is none', arithmetic(t, '+', t), 'failed'],
    [
      'a datetime beyond 9999 fails',
      arithmetic(datetime('9999-12-31T23:59:59.999Z'), '+', duration(1)),
      'failed',
    ],
    [
      'a datetime before 0001 fails',
      arithmetic(datetime('0001-01-01T00:00:00Z'), '-', duration(1)),
      'failed',
    ],
    ['duration + duration', arithmetic(duration(1000), '+', duration(500)), 1.5],
    ['duration - duration', arithmetic(duration(1000), '-', duration(1500)), -0.5],
    ['duration * number', arithmetic(duration(1000), '*', literal(1.5)), 1.5],
    ['number * duration', arithmetic(literal(2), '*', duration(1000)), 2],
    ['a fraction of a millisecond is cut', arithmetic(duration(1), '*', literal(1.9)), 0.001],
    [
      'a duration out of range fails',
      arithmetic(duration(Number.MAX_SAFE_INTEGER), '+', duration(1)),
      'failed',
    ],
    ['minus a number', { op: 'negate', operand: literal(3), at: [0, 1, 1] }, -3],
    ['minus zero is zero', { op: 'negate', operand: literal(0), at: [0, 1, 1] }, 0],
    ['minus a duration', { op: 'negate', operand: duration(1000), at: [0, 1, 1] }, -1],
    ['minus a text fails', { op: 'negate', operand: text('a'), at: [0, 1, 1] }, 'failed'],
    [
      'a failed part fails',
      arithmetic(literal(1), '+', context('number')),
      'failed',
      { context: { number: 2 ** 53 } },
    ],
  ])
})

describe('evaluate: methods', () => {
  const list = set(text('a'), text('b'), text('a'))
  const t = datetime('2026-07-01T22:30:00Z')
  const loopback = literal({ kind: 'ip', version: 4, bytes: [127, 0, 0, 1], prefix: 32 })
  checkAll([
    ['contains', method(list, 'contains', text('b')), true],
    [
      'contains by content',
      method(set(set(text('a'), text('b'))), 'contains', set(text('b'), text('a'))),
      true,
    ],
    ['containsAll', method(list, 'containsAll', set(text('a'), text('b'))), true],
    ['containsAll of nothing', method(set(), 'containsAll', set()), true],
    ['containsAll misses one', method(list, 'containsAll', set(text('a'), text('c'))), false],
    ['containsAny', method(list, 'containsAny', set(text('c'), text('a'))), true],
    ['containsAny of nothing', method(list, 'containsAny', set()), false],
    ['isEmpty', method(set(), 'isEmpty'), true],
    ['isEmpty of a set with a member', method(set(T), 'isEmpty'), false],
    ['size counts each once', method(list, 'size'), 2],
    ['a failed argument fails', method(list, 'contains', context('required')), 'failed'],
    ['an absent argument fails', method(list, 'contains', context('text')), 'failed'],
    ['size of a map', method(context('labels'), 'size'), 1, { context: { labels: { a: 'x', b: null } } }],
    [
      'keys of a map',
      method(context('labels'), 'keys'),
      ['a', 'b'],
      { context: { labels: { b: 'x', a: 'x' } } },
    ],
    ['size of a text in UTF-16 units', method(text('\u{1f600}'), 'size'), 2],
    ['lower', method(text('ÀB'), 'lower'), 'àb'],
    ['startsWith', method(text('abc'), 'startsWith', text('ab')), true],
    ['endsWith', method(text('abc'), 'endsWith', text('ab')), false],
    ['contains on a text', method(text('abc'), 'contains', text('b')), true],
    ['time in UTC', method(t, 'time'), 22.5 * 3600],
    ['time in a zone', method(t, 'time', text('Europe/Berlin')), 0.5 * 3600],
    ['dayOfWeek in UTC', method(t, 'dayOfWeek'), 'wed'],
    ['dayOfWeek in a zone', method(t, 'dayOfWeek', text('Europe/Berlin')), 'thu'],
    ['isLoopback', method(loopback, 'isLoopback'), true],
    ['isMulticast', method(loopback, 'isMulticast'), false],
    ['no such method', method(literal(1), 'size'), 'failed'],
  ])
})

describe('evaluate: texts', () => {
  const like = (pattern: string): Code => ({ op: 'like', operand: context('text'), pattern, at: [0, 1, 1] })
  checkAll([
    ['like', like('*.acme.com'), true, { context: { text: 'x.acme.com' } }],
    ['like of an absent text fails', like('*'), 'failed'],
    ['like of an ill-typed one fails', like('*'), 'failed', { context: { text: 1 } }],
  ])
})

describe('evaluate: inputs', () => {
  checkAll([
    ['the clock', now, '2026-01-01T00:00:00Z', { now: '2026-01-01T00:00:00Z' }],
    ['no clock', now, 'failed'],
    [
      'a parameter',
      parameter('format'),
      'pdf',
      { request: { action: { name: 'read', properties: { format: 'pdf' } } } },
    ],
    ['a missing required parameter', parameter('format'), 'failed'],
    ['a missing optional one', parameter('rows'), 'absent'],
    ['one that the action lacks', parameter('toString'), 'failed'],
    ['the name of the action', { op: 'actionName' }, 'read'],
    ['the action among others', { op: 'actionIn', actions: ['write', 'read'] }, true],
    ['the action not among others', { op: 'actionIn', actions: ['write'] }, false],
    ['the subject', subject, ann],
    ['the resource', resource, { type: 'Document', id: 'd' }],
    ['is', isType(subject, 'User'), true],
    ['is not', isType(subject, 'Team'), false],
    ['is of what is absent fails', isType(member(subject, 'boss'), 'User'), 'failed'],
  ])
})
