import { describe, expect, it } from 'vitest'
import { toJson } from '../model/value-json.ts'
import type { Value } from '../model/values.ts'
import { cutValue } from './cut-value.ts'

const set = (...elements: Value[]): Value => ({ kind: 'set', elements })
const record = (...entries: [string, Value][]): Value => ({ kind: 'record', entries: new Map(entries) })
const long = 'x'.repeat(1_000_000)
const shortened = `${'x'.repeat(100)}…`

describe('cutValue', () => {
  it.each<[string, Value]>([
    ['a short text', 'abc'],
    ['a number', 7],
    ['a set of some elements', set('a', 'b')],
    ['nested members', record(['a', set(record(['b', true]))])],
    ['an entity', { kind: 'entity', type: 'User', id: 'ann' }],
  ])('leaves %s as it is', (_claim, value) => {
    expect(cutValue(value)).toEqual(value)
  })

  it.each<[string, Value, unknown]>([
    ['a long text', long, shortened],
    ['a text between two halves of one character', `${'x'.repeat(99)}\u{1f600}y`, `${'x'.repeat(99)}…`],
    ['a long id', { kind: 'entity', type: 'User', id: long }, { type: 'User', id: shortened }],
    ['a long name of an entry', record([long, 1]), { [shortened]: 1 }],
    ['texts inside', set(record(['a', long])), [{ a: shortened }]],
  ])('cuts %s', (_claim, value, expected) => {
    expect(toJson(cutValue(value))).toEqual(expected)
  })

  it('ends a long collection with …', () => {
    const numbers = Array.from({ length: 1000 }, (_, index) => index)
    expect(toJson(cutValue(set(...numbers)))).toContain('…')
    expect(toJson(cutValue(set(...numbers)))).toHaveLength(21)
    const entries = numbers.map((index): [string, Value] => [`k${index}`, index])
    expect(Object.keys(toJson(cutValue(record(...entries))) as object)).toHaveLength(21)
  })

  it('gives no more than a reader takes in, however deep the value', () => {
    const wide = (inner: (index: number) => Value): Value =>
      set(...Array.from({ length: 50 }, (_, index) => inner(index)))
    const value = wide((a) => wide((b) => wide((c) => `${a} ${b} ${c} ${'x'.repeat(200)}`)))
    expect(JSON.stringify(toJson(cutValue(value))).length).toBeLessThan(1000)
  })
})
