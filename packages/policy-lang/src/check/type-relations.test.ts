import { describe, expect, it } from 'vitest'
import { describeType } from '../model/describe-type.ts'
import type { Type } from '../model/types.ts'
import {
  BOOL,
  compareTypes,
  createTypeJoin,
  entityOf,
  isAssignable,
  joinTypes,
  NOTHING,
  NUMBER,
  STRING,
} from './type-relations.ts'

const AB: Type = { kind: 'enum', values: ['a', 'b'] }
const C: Type = { kind: 'enum', values: ['c'] }
const USER = entityOf(['User'])
const TEAM = entityOf(['Team'])

function setOf(element: Type): Type {
  return { kind: 'set', element }
}

/** `?` behind a name: optional. */
function record(fields: Readonly<Record<string, Type>>): Type {
  return {
    kind: 'record',
    fields: Object.entries(fields).map(([name, type]) => ({
      name: name.replace('?', ''),
      type,
      isOptional: name.endsWith('?'),
    })),
  }
}

describe('createTypeJoin', () => {
  const types = [AB, C, { kind: 'enum', values: ['e', 'd'] } as const, NOTHING, STRING, NUMBER, USER, TEAM]

  it('comes to what joining one after the other comes to', () => {
    for (const first of types) {
      for (const second of types) {
        for (const third of types) {
          const join = createTypeJoin()
          let folded: Type = NOTHING
          for (const type of [first, second, third, third, second]) {
            const joined = joinTypes(folded, type)
            expect(join.add(type)).toBe(joined !== undefined)
            folded = joined ?? folded
          }
          expect(join.current()).toEqual(folded)
        }
      }
    }
  })
})

describe('joinTypes', () => {
  it.each([
    ['unites literals', AB, C, '"a" | "b" | "c"'],
    ['takes literals as strings beside a string', AB, STRING, 'String'],
    ['unites entity types', USER, TEAM, 'Team | User'],
    ['joins elements', setOf(USER), setOf(TEAM), 'Set<Team | User>'],
    ['takes an empty set as any', setOf(NOTHING), setOf(NUMBER), 'Set<Number>'],
    [
      'joins records member by member',
      record({ x: AB, 'y?': BOOL }),
      record({ x: C }),
      '{x: "a" | "b" | "c", y?: Bool}',
    ],
    [
      'knows no record that has a member and has not',
      record({ x: AB, y: BOOL }),
      record({ x: C }),
      undefined,
    ],
    ['knows nothing for different kinds', NUMBER, STRING, undefined],
  ])('%s', (_claim, a, b, expected) => {
    for (const joined of [joinTypes(a, b), joinTypes(b, a)]) {
      expect(joined && describeType(joined)).toBe(expected)
    }
  })
})

describe('isAssignable', () => {
  it.each([
    ['a literal to a string', AB, STRING, true],
    ['a string to a union', STRING, AB, false],
    ['a part of a union', USER, entityOf(['Team', 'User']), true],
    ['more than a union', entityOf(['Team', 'User']), USER, false],
    ['a record without an optional member', record({ x: NUMBER }), record({ x: NUMBER, 'y?': BOOL }), true],
    ['a record without a required member', record({ x: NUMBER }), record({ x: NUMBER, y: BOOL }), false],
    ['a record with one too many', record({ x: NUMBER, y: BOOL }), record({ x: NUMBER }), false],
    ['an optional member to a required one', record({ 'x?': NUMBER }), record({ x: NUMBER }), false],
  ])('judges %s', (_claim, from, to, expected) => {
    expect(isAssignable(from, to)).toBe(expected)
  })
})

describe('compareTypes', () => {
  it.each([
    ['unions that overlap', AB, { kind: 'enum', values: ['b', 'c'] } as Type, 'possible'],
    ['unions that do not', AB, C, 'impossible'],
    ['disjoint entity types', USER, TEAM, 'impossible'],
    ['sets of disjoint entities, which may both be empty', setOf(USER), setOf(TEAM), 'possible'],
    [
      'a record and a literal that leaves an optional member out',
      record({ x: NUMBER, 'y?': BOOL }),
      record({ x: NUMBER }),
      'possible',
    ],
    ['different kinds', NUMBER, STRING, 'mismatch'],
    ['sets of different kinds', setOf(NUMBER), setOf(STRING), 'mismatch'],
  ] as const)('judges %s', (_claim, a, b, expected) => {
    expect(compareTypes(a, b)).toBe(expected)
    expect(compareTypes(b, a)).toBe(expected)
  })
})
