import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Outcome } from './result.ts'
import { allOf, anyOf, failure, isFailure } from './result.ts'
import { createRoleSolver, type RoleGoal } from './role-solver.ts'

// A system of equations over goals, each in a stratum: positive references go to the same stratum or lower ones,
// negative ones to lower ones only.
type Term =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'goal'; readonly index: number; readonly isNegated: boolean }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Term[] }
interface Equation {
  readonly stratum: number
  readonly term: Term
}

const FAILED = failure('unknown')
const goalOf = (index: number): RoleGoal => ({
  role: `${index}`,
  entity: { kind: 'entity', type: 'T', id: 'e' },
})
const toLevel = (outcome: Outcome): number => (isFailure(outcome) ? 1 : outcome ? 2 : 0)
const toOutcome = (level: number): Outcome => (level === 1 ? FAILED : level === 2)

/** By the book: stratum by stratum, from false upward, until nothing changes. */
function solvePlainly(equations: readonly Equation[]): readonly number[] {
  const levels = equations.map(() => 0)
  const levelOf = (term: Term): number => {
    if (term.kind === 'constant') return term.value
    if (term.kind === 'goal') {
      const level = levels[term.index] ?? 0
      return term.isNegated ? 2 - level : level
    }
    const values = term.terms.map(levelOf)
    return term.kind === 'and' ? Math.min(2, ...values) : Math.max(0, ...values)
  }
  for (const stratum of [0, 1, 2]) {
    for (let isChanged = true; isChanged; ) {
      isChanged = false
      for (const [index, equation] of equations.entries()) {
        if (equation.stratum !== stratum) continue
        const value = levelOf(equation.term)
        isChanged ||= value !== levels[index]
        levels[index] = value
      }
    }
  }
  return levels
}

function createSolver(equations: readonly Equation[]): (index: number) => number {
  const judge = (term: Term): Outcome => {
    if (term.kind === 'constant') return toOutcome(term.value)
    if (term.kind === 'goal') {
      const outcome = solver.holds(goalOf(term.index), term.isNegated)
      return term.isNegated && !isFailure(outcome) ? !outcome : outcome
    }
    return term.kind === 'and' ? allOf(term.terms, judge) : anyOf(term.terms, judge)
  }
  const solver = createRoleSolver((goal) =>
    judge(equations[Number(goal.role)]?.term ?? { kind: 'constant', value: 0 }),
  )
  return (index) => toLevel(solver.holds(goalOf(index), true))
}

const SIZE = 9
function termsIn(stratum: number): fc.Arbitrary<Term> {
  const constant = fc.constantFrom(0, 0, 1, 2).map((value): Term => ({ kind: 'constant', value }))
  // Goals 0–2 are in stratum 0, 3–5 in 1, 6–8 in 2.
  const positive = fc.nat(stratum * 3 + 2).map((index): Term => ({ kind: 'goal', index, isNegated: false }))
  const negative = fc
    .nat(Math.max(0, stratum * 3 - 1))
    .map((index): Term => ({ kind: 'goal', index, isNegated: stratum > 0 }))
  const leaf = fc.oneof(constant, positive, positive, negative)
  const chain = (kind: 'and' | 'or', of: fc.Arbitrary<Term>): fc.Arbitrary<Term> =>
    fc.array(of, { maxLength: 3 }).map((terms): Term => ({ kind, terms }))
  return fc.oneof(
    chain('or', fc.oneof(leaf, chain('and', leaf))),
    chain('and', fc.oneof(leaf, chain('or', leaf))),
  )
}
const systems = fc.tuple(
  ...Array.from({ length: SIZE }, (_, index) => {
    const stratum = Math.floor(index / 3)
    return termsIn(stratum).map((term): Equation => ({ stratum, term }))
  }),
)

describe('createRoleSolver', () => {
  it('finds the least solution, whichever goal is asked for first', () => {
    fc.assert(
      fc.property(systems, fc.nat(SIZE - 1), (equations, first) => {
        const expected = solvePlainly(equations)
        const ask = createSolver(equations)
        const order = [first, ...equations.keys()]
        expect(order.map(ask)).toEqual(order.map((index) => expected[index]))
      }),
      { numRuns: 2000 },
    )
  })

  it('judges along a chain of 20,000 goals about twice each', () => {
    let judged = 0
    const solver = createRoleSolver(({ role }) => {
      judged += 1
      return role === '20000' || solver.holds(goalOf(Number(role) + 1), false)
    })
    expect(solver.holds(goalOf(0), true)).toBe(true)
    expect(judged).toBeLessThan(40_010)
  })

  it('judges a goal once more for all that was raised since, and no more once it is true', () => {
    const judged: string[] = []
    const solver = createRoleSolver(({ role }) => {
      judged.push(role)
      if (role !== '0') return true
      return [1, 2, 2].map((index) => solver.holds(goalOf(index), false)).includes(true)
    })
    expect(solver.holds(goalOf(0), true)).toBe(true)
    expect(judged).toEqual(['0', '2', '0', '1'])
  })

  it('throws on what a judgement throws', () => {
    const solver = createRoleSolver(() => {
      throw new Error('used up')
    })
    expect(() => solver.holds(goalOf(0), false)).toThrow('used up')
  })

  it('solves 10,000 layers of negation without recursion', () => {
    const solver = createRoleSolver(({ role }) => {
      if (role === '10000') return true
      const outcome = solver.holds(goalOf(Number(role) + 1), true)
      return isFailure(outcome) ? outcome : !outcome
    })
    expect(solver.holds(goalOf(0), true)).toBe(true)
    expect(solver.holds(goalOf(1), true)).toBe(false)
  })

  it('ends with a failure where a goal rests on its own negation', () => {
    const solver = createRoleSolver(({ role }) => {
      const outcome = solver.holds(goalOf(1 - Number(role)), true)
      return isFailure(outcome) ? outcome : !outcome
    })
    expect(solver.holds(goalOf(0), true)).toMatchObject({ message: '`0` rests on its own negation' })
  })
})
