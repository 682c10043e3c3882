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

  it.each([[Number.NaN], [Infinity], [1n], [new Map()], [new Set()], [() => 1], [Symbol('s')], [undefined]])(
    'refuses %s',
    (value) => {
      expect(() => toJsonText(value)).toThrow(TypeError)
      expect(() => toJsonText(value === undefined ? value : { a: [{ b: value }] })).toThrow(TypeError)
    },
  )
})
