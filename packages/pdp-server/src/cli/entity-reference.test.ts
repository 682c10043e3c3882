import { describe, expect, it } from 'vitest'
import { formatEntityReference, parseEntityReference } from './entity-reference.ts'

describe('parseEntityReference', () => {
  it.each([
    ['User::"ann"', 'User', 'ann'],
    ['User::ann', 'User', 'ann'],
    ['User::""', 'User', ''],
    ['User::', 'User', ''],
    ['User::"a::b"', 'User', 'a::b'],
    ['User::a::b', 'User', 'a::b'],
    ['"album:object"::"7"', 'album:object', '7'],
    ['"a::b"::"c"', 'a::b', 'c'],
    ['album:object::7', 'album:object', '7'],
    ['User::"\\u0061\\"\\n"', 'User', 'a"\n'],
    ['__proto__::constructor', '__proto__', 'constructor'],
  ])('reads %s', (text, type, id) => {
    expect(parseEntityReference(text)).toEqual({ type, id })
  })

  it.each([
    '',
    'User',
    'User:ann',
    '::"a"',
    '""::"a"',
    'User::"a',
    'User::"a"b',
    '"User::"a"',
    'User::"\\q"',
  ])('refuses %j', (text) => {
    expect(parseEntityReference(text)).toBeUndefined()
  })

  it('reads what formatEntityReference writes', () => {
    for (const reference of [
      { type: 'User', id: 'a"b' },
      { type: 'x-y', id: '' },
      { type: '"', id: '::' },
    ]) {
      expect(parseEntityReference(formatEntityReference(reference))).toEqual(reference)
    }
  })
})
