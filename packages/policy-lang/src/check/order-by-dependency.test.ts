import { describe, expect, it } from 'vitest'
import { orderByDependency } from './order-by-dependency.ts'

describe('orderByDependency', () => {
  it.each([
    ['puts dependencies first', { a: ['b', 'c'], b: ['c'], c: [] }, ['c', 'b', 'a'], []],
    ['leaves out what is on a cycle or reaches one', { a: ['b'], b: ['b'], c: [] }, ['c'], [['b']]],
    ['finds a cycle of two once', { a: ['b'], b: ['a'] }, [], [['a', 'b']]],
    ['ignores names without an entry', { a: ['x'] }, ['a'], []],
  ])('%s', (_claim, dependencies, ordered, cycles) => {
    expect(orderByDependency(new Map(Object.entries(dependencies)))).toEqual({ ordered, cycles })
  })

  it('walks a chain of 100,000 names', () => {
    const chain = new Map(Array.from({ length: 100_000 }, (_, index) => [`n${index}`, [`n${index + 1}`]]))
    expect(orderByDependency(chain).ordered).toHaveLength(100_000)
  })
})
