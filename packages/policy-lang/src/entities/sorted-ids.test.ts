import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareCodePoints } from '../model/code-points.ts'
import { createSortedIds, type IdStep, type SortedIds } from './sorted-ids.ts'

const all = (ids: SortedIds): readonly string[] => ids.list(undefined, Number.POSITIVE_INFINITY)
const numbered = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, at) => `n${String(from + at).padStart(6, '0')}`)

describe('createSortedIds', () => {
  it('puts ids in code-point order, whatever order they come in', () => {
    expect(all(createSortedIds(['b', '\u{10000}', '', 'a', '\uffff', 'ab']))).toEqual([
      '',
      'a',
      'ab',
      'b',
      '\uffff',
      '\u{10000}',
    ])
  })

  it('gives any page, also across thousands of ids', () => {
    const ids = numbered(0, 3000)
    const sorted = createSortedIds(ids.toReversed())
    expect(all(sorted)).toEqual(ids)
    expect(sorted.list('n000509', 5)).toEqual(numbered(510, 515))
    expect(sorted.list('n000509x', 1100)).toEqual(numbered(510, 1610))
    expect(sorted.list('n002998', 9)).toEqual(['n002999'])
    expect(sorted.list('z', 9)).toEqual([])
    expect(sorted.list(undefined, 0)).toEqual([])
    expect(createSortedIds([]).list('a', 9)).toEqual([])
  })

  it.each([
    ['first to last', numbered(0, 2000)],
    ['last to first', numbered(0, 2000).toReversed()],
  ])('takes ids one by one, from %s', (_, ids) => {
    let sorted = createSortedIds([])
    for (const id of ids) sorted = sorted.with([{ id, isAdded: true }])
    expect(all(sorted)).toEqual(numbered(0, 2000))
  })

  it('holds no id that went, and leaves the list of before as it was', () => {
    const ids = numbered(0, 1500)
    const before = createSortedIds(ids)
    const after = before.with(ids.slice(3).map((id) => ({ id, isAdded: false })))
    expect(all(after)).toEqual(ids.slice(0, 3))
    expect(all(after.with(ids.map((id) => ({ id, isAdded: false }))))).toEqual([])
    expect(all(before)).toEqual(ids)
  })

  it('is after any steps what a list made anew would be', () => {
    const id = fc.oneof(fc.constantFrom('', 'a', 'b', '\uffff', '\u{10000}'), fc.string({ maxLength: 2 }))
    const steps = fc.array(fc.record({ id, isAdded: fc.boolean() }), { maxLength: 12 })
    fc.assert(
      fc.property(
        fc.array(id),
        fc.array(steps, { maxLength: 4 }),
        id,
        fc.nat(6),
        (ids, groups, after, limit) => {
          const many = [...ids, ...numbered(0, 700)]
          const held = new Set(many)
          let sorted = createSortedIds(held)
          for (const group of groups) {
            for (const step of group) take(held, step)
            sorted = sorted.with(group)
          }
          const expected = [...held].sort(compareCodePoints)
          expect(all(sorted)).toEqual(expected)
          expect(sorted.list(after, limit)).toEqual(
            expected.filter((one) => compareCodePoints(one, after) > 0).slice(0, limit),
          )
        },
      ),
      { numRuns: 100 },
    )
  })
})

function take(held: Set<string>, { id, isAdded }: IdStep): void {
  if (isAdded) held.add(id)
  else held.delete(id)
}
