import { describe, expect, it } from 'vitest'
import type { Code } from '../program/program.ts'
import { evaluate, judge } from './evaluate-code.ts'
import {
  absent,
  arithmetic,
  ask,
  buildProgram,
  compare,
  datetime,
  duration,
  entity,
  entityType,
  literal,
  method,
  not,
  now,
  or,
  quantify,
  set,
  subject,
} from './fixtures.ts'
import { linkProgram } from './link.ts'
import { prepareDecision } from './prepare.ts'
import { isFailure } from './result.ts'

const AT = [0, 1, 1] as const
const linked = linkProgram(
  buildProgram({ types: [entityType('User'), entityType('Document', { actions: ['read'] })] }),
)

function sessionOf() {
  const prepared = prepareDecision(linked, ask(), { now: () => 0 })
  if (prepared.kind !== 'rules') throw new Error('the request must meet rules')
  return prepared.session
}

/** What the code says of its failure. */
function failureOf(code: Code): unknown {
  const scope = { resource: undefined, parameters: new Map(), variables: new Map() }
  const result = evaluate(code, scope, sessionOf())
  return isFailure(result) ? [result.message, result.at] : result
}

// A Program that was stored may have been changed since. Whatever it holds then, a condition fails: nothing throws.
describe('evaluate: a Program that the checker would refuse', () => {
  const text = literal('x')
  const address = literal({ kind: 'ip', version: 4, bytes: [10, 0, 0, 1], prefix: 32 })
  const instant = datetime('2026-01-01')
  const hasRole = (role: string, on?: Code): Code => ({
    op: 'hasRole',
    role,
    isNegative: true,
    at: AT,
    ...(on && { on }),
  })
  const matches: Code = { op: 'matches', operand: text, pattern: 'never compiled', at: AT }
  const noMethod = 'there is no `contains` here'

  it.each<[string, Code, string]>([
    ['looks through no text', quantify('some', text, literal(true)), 'no set to look through'],
    ['looks through no entity', quantify('every', subject, literal(true)), 'no set to look through'],
    ['asks no text for a role on it', hasRole('r', text), 'a role is held on an entity'],
    ['asks no address for a role on it', hasRole('r', address), 'a role is held on an entity'],
    ['asks for no undeclared role', hasRole('r', subject), 'there is no role `r`'],
    [
      'tests no number for a text',
      { op: 'like', operand: literal(7), pattern: '*', at: AT },
      '`like` tests a String',
    ],
    ['tests no set for a pattern', { ...matches, operand: set(text) }, '`matches` tests a String'],
    ['matches nothing that was not compiled', matches, 'the pattern is not compiled'],
    [
      'negates no text',
      { op: 'negate', operand: text, at: AT },
      'only a Number or a Duration can be negated',
    ],
    ['multiplies no texts', arithmetic(text, '*', text), 'the result of `*` is out of range'],
    ['adds no text to a number', arithmetic(literal(1), '+', text), 'the result of `+` is out of range'],
    ['adds no number to a text', arithmetic(text, '+', literal(1)), 'the result of `+` is out of range'],
    [
      'multiplies no clock',
      compare(arithmetic(now, '*', duration(1)), '<', instant),
      'the result of `*` is out of range',
    ],
    [
      'takes no clock from a duration',
      compare(arithmetic(duration(1), '-', now), '<', instant),
      'the result of `-` is out of range',
    ],
    ['orders no text and number', compare(text, '<', literal(1)), '`<` compares no such values'],
    ['orders no number and text', compare(literal(1), '>=', text), '`>=` compares no such values'],
    ['orders no sets', compare(set(text), '<=', set(text)), '`<=` compares no such values'],
    ['orders no addresses', compare(address, '>', address), '`>` compares no such values'],
    ['has no method for a number', method(literal(7), 'contains', text), noMethod],
    ['none for a duration', method(duration(7), 'contains', text), noMethod],
    ['none for an entity', method(subject, 'contains', text), noMethod],
    ['no other for an instant', method(instant, 'contains', text), noMethod],
    ['no other for an address', method(address, 'contains', text), noMethod],
    ['no other for a text', method(text, 'containsAll', text), 'there is no `containsAll` here'],
    ['no other for a set', method(set(text), 'startsWith', set(text)), 'there is no `startsWith` here'],
    ['no other for a record', method({ op: 'record', entries: [] }, 'contains', text), noMethod],
    ['finds no number in a text', method(text, 'contains', literal(7)), noMethod],
    ['finds nothing in a set without saying what', method(set(text), 'contains'), noMethod],
    ['compares a set with no text', method(set(text), 'containsAny', text), 'there is no `containsAny` here'],
    [
      'compares a set with no entity',
      method(set(text), 'containsAll', subject),
      'there is no `containsAll` here',
    ],
    [
      'needs a value where one is absent',
      arithmetic({ op: 'roleParameter', name: 'x' }, '+', text),
      'a value is absent',
    ],
  ])('%s', (_claim, code, message) => {
    const place = message === 'a value is absent' ? undefined : AT
    expect(failureOf(code)).toEqual([message, place])
  })

  it('names the place of what is absent', () => {
    const inner = [0, 7, 3] as const
    const entryOf: Code = { op: 'entry', object: { op: 'record', entries: [] }, key: text, at: inner }
    expect(failureOf(compare(entryOf, '==', text))).toEqual(['a value is absent', inner])
  })

  it('has no resource where none is asked for', () => {
    expect(failureOf({ op: 'resource' })).toEqual(['there is no resource here', undefined])
  })

  it('takes a zone that is none for UTC, and what is no entity for one of no type', () => {
    expect(failureOf(method(instant, 'dayOfWeek', literal(7)))).toBe('thu')
    expect(failureOf({ op: 'is', operand: text, type: 'User' })).toBe(false)
    expect(failureOf({ op: 'is', operand: set(), type: 'User' })).toBe(false)
    expect(failureOf({ op: 'is', operand: entity('User', 'x'), type: 'User' })).toBe(true)
  })

  it('fails where a condition is neither true nor false', () => {
    const scope = { resource: undefined, parameters: new Map(), variables: new Map() }
    for (const code of [absent, text, not(text)])
      expect(judge(code, scope, sessionOf())).toMatchObject({ message: 'a condition has no value' })
    expect(judge(or(text, literal(true)), scope, sessionOf())).toBe(true)
  })
})
