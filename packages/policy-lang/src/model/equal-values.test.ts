import { describe, expect, it } from 'vitest'
import { equalValues } from './equal-values.ts'
import type { Value } from './values.ts'

const entity = (type: string, id: string): Value => ({ kind: 'entity', type, id })
const set = (...elements: Value[]): Value => ({ kind: 'set', elements })
const record = (...entries: [string, Value][]): Value => ({ kind: 'record', entries: new Map(entries) })
const ip4 = (prefix: number): Value => ({ kind: 'ip', version: 4, bytes: [10, 0, 0, 0], prefix })

describe('equalValues', () => {
  it.each<[string, Value, Value, boolean]>([
    ['-0 and 0', -0, 0, true],
    ['-0 and 0 in sets', set(-0), set(0), true],
    ['strings by code unit', 'é', 'e\u0301', false],
    ['entities by type and id', entity('A', '1'), entity('A', '1'), true],
    ['entities of different types', entity('A', '1'), entity('B', '1'), false],
    ['entities whose joined names agree', entity('A', 'B1'), entity('AB', '1'), false],
    ['sets in any order', set(1, 2), set(2, 1), true],
    ['sets of different size', set(1, 2), set(1), false],
    ['nested sets', set(set('a', 'b')), set(set('b', 'a')), true],
    ['strings that look like two', set('a","b'), set('a', 'b'), false],
    ['records in any order', record(['a', 1], ['b', 2]), record(['b', 2], ['a', 1]), true],
    ['records with one member more', record(['a', 1]), record(['a', 1], ['b', 2]), false],
    ['blocks of different length', ip4(8), ip4(16), false],
    ['a record and a reference', record(['type', 'A'], ['id', '1']), entity('A', '1'), false],
    ['a Datetime and a Duration', { kind: 'datetime', epochMs: 1 }, { kind: 'duration', ms: 1 }, false],
    ['a number and its text', 1, '1', false],
    ['the empty set and the empty record', set(), record(), false],
  ])('%s', (_claim, a, b, expected) => {
    expect(equalValues(a, b)).toBe(expected)
    expect(equalValues(b, a)).toBe(expected)
  })
})
