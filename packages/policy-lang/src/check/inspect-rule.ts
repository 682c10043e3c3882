import type { Clause, Duty, Name, Rule } from '../ast/nodes.ts'
import { checkGuarded, rootsOf } from './check-guarded.ts'
import type { CheckState } from './check-state.ts'
import type { Repetition, ResolvedWho } from './checked.ts'
import type { Observations } from './expressions/run-typing.ts'
import type { Pair } from './expressions/typing.ts'
import { resolveWho } from './resolve-who.ts'

/** A rule or grant with what the checks found out about it, for the checks that come after. */
export interface Inspected {
  readonly name: Name
  readonly effect: 'allow' | 'deny'
  readonly isAfter: boolean
  readonly pairs: readonly Pair[]
  /** Subject types that can match. */
  readonly subjects: readonly string[]
  readonly who: readonly ResolvedWho[]
  readonly clauses: readonly Clause[]
  readonly duties: readonly Duty[]
  readonly observed: Observations | undefined
}

export interface InspectedRule extends Inspected {
  readonly rule: Rule
  /** Set where everything but name, pairs and places was found out about a sample of the rule. */
  readonly repeats?: Repetition
}

export function inspectRule(rule: Rule, pairs: readonly Pair[], state: CheckState): InspectedRule {
  const { who, subjects } = resolveWho(rule.who, state)
  const { name, effect, isAfter, clauses, duties } = rule
  const roots = rootsOf(subjects, pairs, 'in a rule')
  const observed = checkGuarded({ clauses, duties, roots }, state)
  return { rule, name, effect, isAfter, pairs, subjects, who, clauses, duties, observed }
}
