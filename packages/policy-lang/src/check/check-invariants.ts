import { checkGuarded, rootsOf } from './check-guarded.ts'
import type { CheckState } from './check-state.ts'
import { resolveWho } from './resolve-who.ts'

/** Invariants are checked like rules, in every environment they speak of. */
export function checkInvariants(state: CheckState): void {
  for (const { actions, types, who, clauses } of state.declarations.invariants) {
    const pairs = state.pairs.resolve(actions, types)
    const { subjects } = resolveWho(who, state)
    checkGuarded({ clauses, duties: [], roots: rootsOf(subjects, pairs, 'in an invariant') }, state)
  }
}
