import type { Code } from '../program/program.ts'
import { BudgetExceeded } from './meter.ts'
import type { Result } from './result.ts'
import type { Observe, Scope } from './session.ts'

/** What a condition came across while it was judged. */
export interface Observed {
  readonly code: Code
  readonly result: Result
  /** What the names in the code stood for. */
  readonly scope: Scope
}

/** Listens to a session. */
export interface Watch {
  readonly observe: Observe
  /** Judges something and tells what it came across. */
  readonly during: <T>(judge: () => T) => { readonly result: T; readonly observed: readonly Observed[] }
}

export function createWatch(): Watch {
  let observed: Observed[] = []
  return {
    observe: (code, result, scope) => observed.push({ code, result, scope }),
    during: (judge) => {
      observed = []
      const result = judge()
      return { result, observed }
    },
  }
}

/** What all items give, or those that were reached before the steps of the session were used up. */
export function collectWithinBudget<T, R>(items: Iterable<T>, give: (item: T) => readonly R[]): readonly R[] {
  const given: R[] = []
  try {
    for (const item of items) given.push(...give(item))
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error
  }
  return given
}
