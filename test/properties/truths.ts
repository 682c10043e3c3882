// What the second evaluator says of the parts of a rule, in the words of an explanation.
import type { Result, Run } from './naive/decide.ts'
import { isFalse, isTrue, type Outcome } from './naive/values.ts'

export type Truth = 'true' | 'false' | 'failed'

export const truthOf = (outcome: Outcome): Truth =>
  isTrue(outcome) ? 'true' : isFalse(outcome) ? 'false' : 'failed'

export const truthsOf = (run: Run): readonly Truth[] => run.conjuncts.map(truthOf)

export const countUnmet = (truths: readonly Truth[]): number =>
  truths.filter((truth) => truth !== 'true').length

/** The runs of a rule that come nearest to a match: of a grant, for assignments of its role that may count. */
export function nearestRuns({ runs, unheld }: Result): readonly Run[] {
  const mayCount = runs.filter(({ conjuncts: [who] }) => who !== undefined && !isFalse(who))
  const counting = unheld === undefined ? runs : mayCount.length === 0 ? [unheld] : mayCount
  const least = Math.min(...counting.map((run) => countUnmet(truthsOf(run))))
  return counting.filter((run) => countUnmet(truthsOf(run)) === least)
}

export function unmetOf(result: Result): number {
  return Math.min(...nearestRuns(result).map((run) => countUnmet(truthsOf(run))))
}
