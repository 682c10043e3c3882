import { describe, expect, it } from 'vitest'
import { parseJsonText, toJsonText } from './json-text.ts'

describe('parseJsonText', () => {
  it.each([
    '{}',
    '[]',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":[]}},"b":"a"}',
    '{"a":["a","a"],"b":"\\"","c":"},{"}',
    '{"__proto__":1,"constructor":2,"toString":3}',
    '"a"',
  ])('reads %s', (text) => {
    expect(parseJsonText(text)).toEqual(JSON.parse(text))
  })

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":{},"a":1}',
    '{"b":[{"a":1,"a":2}]}',
    '{"a":1,"\\u0061":1}',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"a\\"":1,"a\\"":2}',
  ])('refuses a member twice: %s', (text) => {
    expect(() => parseJsonText(text)).toThrow(/stands twice/)
  })

  it.each(['', '{', '{"a":1}}', 'undefined', "{'a':1}"])('refuses what is no JSON: %s', (text) => {
    expect(() => parseJsonText(text)).toThrow(SyntaxError)
  })
})

describe('toJsonText', () => {
  it('leaves out undefined members and writes dates as RFC 3339', () => {
    const value = { a: undefined, at: new Date(0), list: [1, 'x', null, true] }
    expect(toJsonText(value)).toBe('{"at":"1970-01-01T00:00:00.000Z","list":[1,"x",null,true]}')
  })

  it.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['NaN as an object', Object(Number.NaN)],
    ['a BigInt', 1n],
    ['a Map', new Map()],
    ['a Set', new Set()],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a promise', Promise.resolve({ owner: 'ann' })],
    ['an invalid date', new Date(Number.NaN)],
    ['what writes itself as null', { toJSON: () => null }],
  ])('refuses %s', (_, value) => {
    expect(() => toJsonText(value)).toThrow(TypeError)
    expect(() => toJsonText({ a: [{ b: value }] })).toThrow(TypeError)
    expect(() => toJsonText([value])).toThrow(TypeError)
  })

  it('refuses undefined where it would become null, or nothing', () => {
    expect(() => toJsonText(undefined)).toThrow('nothing to send')
    expect(() => toJsonText({ a: [1, undefined] })).toThrow('`1` is undefined')
  })
})
