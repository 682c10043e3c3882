import { describe, expect, it } from 'vitest'
import { decodeValue, isIllTyped, isWellTyped } from './decode-value.ts'
import type { JsonValue } from './request.ts'
import type { FieldType, Type } from './types.ts'
import { toJson } from './value-json.ts'

const string: Type = { kind: 'string' }
const number: Type = { kind: 'number' }
const set = (element: Type): Type => ({ kind: 'set', element })
const map = (value: Type): Type => ({ kind: 'map', value })
const entity = (...types: string[]): Type => ({ kind: 'entity', types })
const record = (...fields: FieldType[]): Type => ({ kind: 'record', fields })
const field = (name: string, type: Type, isOptional = false): FieldType => ({ name, type, isOptional })

/** Decodes and gives back JSON, `absent`, or `ill-typed at PATH`. */
function checkDecode(json: JsonValue | undefined, type: Type, expected: unknown): void {
  const decoded = decodeValue(json, type, '$.x')
  if (decoded === undefined) expect('absent').toBe(expected)
  else if (typeof decoded === 'object' && decoded.kind === 'ill-typed') {
    expect(`ill-typed at ${decoded.path}`).toBe(expected)
  } else expect(toJson(decoded)).toEqual(expected)
}

describe('decodeValue', () => {
  const cases: readonly (readonly [string, JsonValue | undefined, Type, unknown])[] = [
    ['a missing value is absent', undefined, string, 'absent'],
    ['null is absent', null, number, 'absent'],
    ['a Bool', true, { kind: 'bool' }, true],
    ['no Bool of a number', 1, { kind: 'bool' }, 'ill-typed at $.x'],
    ['a String, also empty', '', string, ''],
    ['no String of a number', 7, string, 'ill-typed at $.x'],
    ['a Number', -1.5, number, -1.5],
    ['the largest Number', 9007199254740991, number, 9007199254740991],
    ['no Number beyond it', 9007199254740992, number, 'ill-typed at $.x'],
    ['no Number beyond it, negative', -9007199254740992, number, 'ill-typed at $.x'],
    ['no infinite Number', Number.POSITIVE_INFINITY, number, 'ill-typed at $.x'],
    ['no NaN', Number.NaN, number, 'ill-typed at $.x'],
    ['no Number of a text', '7', number, 'ill-typed at $.x'],
    ['a Datetime of text', '2026-01-01', { kind: 'datetime' }, '2026-01-01T00:00:00Z'],
    ['a Datetime of epoch seconds', 1.5, { kind: 'datetime' }, '1970-01-01T00:00:01.500Z'],
    ['no Datetime of milliseconds', 1767268800000, { kind: 'datetime' }, 'ill-typed at $.x'],
    ['a Duration', '1h30m', { kind: 'duration' }, 5400],
    ['no Duration of a number', 90, { kind: 'duration' }, 'ill-typed at $.x'],
    ['an Ip', '::ffff:1.2.3.4', { kind: 'ip' }, '1.2.3.4'],
    ['no Ip with host bits', '10.0.0.1/8', { kind: 'ip' }, 'ill-typed at $.x'],
    ['a member of a union', 'a', { kind: 'enum', values: ['a', 'b'] }, 'a'],
    ['no stranger to a union', 'toString', { kind: 'enum', values: ['a', 'b'] }, 'ill-typed at $.x'],
    ['a reference', { type: 'User', id: 'ann' }, entity('User'), { type: 'User', id: 'ann' }],
    ['a reference by bare id', 'ann', entity('User'), { type: 'User', id: 'ann' }],
    ['a reference with an empty id', '', entity('User'), { type: 'User', id: '' }],
    ['a reference into a union', { type: 'A', id: '1' }, entity('A', 'B'), { type: 'A', id: '1' }],
    ['no bare id for a union', '1', entity('A', 'B'), 'ill-typed at $.x'],
    ['no reference of another type', { type: 'C', id: '1' }, entity('A', 'B'), 'ill-typed at $.x'],
    ['no reference without id', { type: 'A' }, entity('A'), 'ill-typed at $.x'],
    ['no reference with a numeric id', { type: 'A', id: 1 }, entity('A'), 'ill-typed at $.x'],
    ['no inherited member', Object.create({ type: 'A', id: '1' }), entity('A'), 'ill-typed at $.x'],
    ['a Set, duplicates once', ['b', 'a', 'b'], set(string), ['a', 'b']],
    ['a Set of numbers by value', [10, 9, -0], set(number), [0, 9, 10]],
    ['no Set of a text', 'a', set(string), 'ill-typed at $.x'],
    ['no Set with a null', ['a', null], set(string), 'ill-typed at $.x[1]'],
    ['no Set with one bad element', ['a', 'b', 3], set(string), 'ill-typed at $.x[2]'],
    ['a Set of records', [{ a: 1 }, { a: 1 }], set(record(field('a', number))), [{ a: 1 }]],
    ['a Map without its nulls', { a: 1, b: null }, map(number), { a: 1 }],
    ['no Map with one bad entry', { 'x y': 'z' }, map(number), 'ill-typed at $.x["x y"]'],
    ['no Map of an array', [], map(number), 'ill-typed at $.x'],
    ['a record without undeclared members', { a: 1, z: 1 }, record(field('a', number)), { a: 1 }],
    ['a record without its optional member', { a: null }, record(field('a', number, true)), {}],
    ['no record without a required member', {}, record(field('a', number)), 'ill-typed at $.x.a'],
    [
      'no record with an ill-typed member',
      { a: [1] },
      record(field('a', set(string), true)),
      'ill-typed at $.x.a[0]',
    ],
    ['prototype names are no members', {}, record(field('constructor', string, true)), {}],
  ]
  it.each(cases)('%s', (_claim, json, type, expected) => checkDecode(json, type, expected))

  it('finds well-typed what is well-typed without decoding it', () => {
    for (const [claim, json, type] of cases) {
      if (json === undefined || json === null) continue
      expect(isWellTyped(json, type), claim).toBe(!isIllTyped(decodeValue(json, type, '$')))
    }
    expect(isWellTyped(new Array(1) as JsonValue, set(string))).toBe(false)
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'takes %s as an ordinary key',
    (name) => {
      const json = JSON.parse(`{${JSON.stringify(name)}: "v"}`) as JsonValue
      for (const type of [map(string), record(field(name, string))]) {
        const decoded = decodeValue(json, type, '$')
        expect(decoded).toEqual({ kind: 'record', entries: new Map([[name, 'v']]) })
        expect(JSON.stringify(toJson(decoded as never))).toBe(`{${JSON.stringify(name)}:"v"}`)
      }
    },
  )
})
