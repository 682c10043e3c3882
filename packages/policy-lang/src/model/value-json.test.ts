import { describe, expect, it } from 'vitest'
import { parseIp } from './ip.ts'
import type { JsonValue } from './request.ts'
import { canonicalJson, toJson } from './value-json.ts'
import type { Value } from './values.ts'

const duration = (ms: number): Value => ({ kind: 'duration', ms })
const ip = (text: string): Value => parseIp(text) as Value

describe('toJson', () => {
  it.each<[string, Value, string]>([
    ['-0 is 0', -0, '0'],
    ['a Datetime without milliseconds', { kind: 'datetime', epochMs: 0 }, '"1970-01-01T00:00:00Z"'],
    ['a Datetime with them', { kind: 'datetime', epochMs: -1 }, '"1969-12-31T23:59:59.999Z"'],
    ['a Datetime of year 1', { kind: 'datetime', epochMs: -62135596800000 }, '"0001-01-01T00:00:00Z"'],
    ['a Duration as seconds', duration(-1500), '-1.5'],
    ['an address without prefix', ip('10.0.0.1/32'), '"10.0.0.1"'],
    ['a block with it', ip('2001:db8::/32'), '"2001:db8::/32"'],
    ['a reference', { kind: 'entity', type: 'A', id: '1' }, '{"id":"1","type":"A"}'],
    ['numbers by value', { kind: 'set', elements: [10, 9, -1] }, '[-1,9,10]'],
    ['lengths by value', { kind: 'set', elements: [duration(10000), duration(9000)] }, '[9,10]'],
    [
      'texts by code point',
      { kind: 'set', elements: ['\u{10000}', '\uffff', 'b', 'B'] },
      '["B","b","\uffff","\u{10000}"]',
    ],
    ['the rest by text', { kind: 'set', elements: [true, false] }, '[false,true]'],
    [
      'members by code point',
      {
        kind: 'record',
        entries: new Map([
          ['b', 1],
          ['__proto__', 2],
          ['B', 3],
        ]),
      },
      '{"B":3,"__proto__":2,"b":1}',
    ],
  ])('%s', (_claim, value, expected) => expect(canonicalJson(toJson(value))).toBe(expected))
})

describe('canonicalJson', () => {
  it.each<[JsonValue, string]>([
    [null, 'null'],
    [{}, '{}'],
    [[], '[]'],
    [{ b: [1, { z: null, a: 'x' }], a: true }, '{"a":true,"b":[1,{"a":"x","z":null}]}'],
    [{ 10: 1, 9: 2 }, '{"10":1,"9":2}'],
    [-0, '0'],
  ])('%j', (json, expected) => expect(canonicalJson(json)).toBe(expected))

  it('takes data of any depth and width', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as JsonValue
    expect(canonicalJson(deep)).toHaveLength(200_000)
    expect(canonicalJson(new Array(300_000).fill(1) as JsonValue)).toHaveLength(600_001)
  })
})
