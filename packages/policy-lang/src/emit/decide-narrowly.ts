// The reference evaluator over the rules of a crowded cell that can matter: what a key or a role leads to. It decides
// what the fast form leaves, at no cost by the number of rules that exist.
import { judgePrepared, toAnswer } from '../evaluate/decide.ts'
import { evaluate } from '../evaluate/evaluate-code.ts'
import type { LinkedProgram } from '../evaluate/link.ts'
import { BudgetExceeded } from '../evaluate/meter.ts'
import { prepareDecision } from '../evaluate/prepare.ts'
import { isFailure } from '../evaluate/result.ts'
import type { DecideOptions, Session } from '../evaluate/session.ts'
import type { Answer } from '../model/answer.ts'
import type { Value } from '../model/values.ts'
import type { AnyCode } from '../program/code-children.ts'
import type { Code, ProgramRule } from '../program/program.ts'
import { ruleAt } from '../program/rule-access.ts'
import type { RuleBuckets } from './rule-buckets.ts'

/** Finds, among rules of one kind, those that may be other than false. */
export type SelectRules = (session: Session) => readonly number[]

/** Of allows that an unknown key leaves open, so many are looked at: none can match, some explain the denial. */
const SHOWN_ALLOWS = 10

export function decideNarrowly(
  linked: LinkedProgram,
  request: unknown,
  options: DecideOptions,
  selections: readonly SelectRules[],
): Answer {
  const prepared = prepareDecision(linked, request, options)
  if (prepared.kind === 'builtin') return toAnswer(linked.program, prepared, judgePrepared(prepared), options)
  const rules = selectRules(linked, prepared.session, selections)
  const narrowed = rules === undefined ? undefined : { ...prepared, rules }
  const verdict = judgePrepared(narrowed ?? { kind: 'builtin', reason: { builtin: 'budgetExceeded' } })
  return toAnswer(linked.program, prepared, verdict, options)
}

/** `undefined` where the steps were used up. */
function selectRules(
  linked: LinkedProgram,
  session: Session,
  selections: readonly SelectRules[],
): readonly ProgramRule[] | undefined {
  try {
    const numbers = new Set(selections.flatMap((select) => select(session)))
    return [...numbers].sort((a, b) => a - b).map((number) => ruleAt(linked.program, number))
  } catch (error) {
    if (error instanceof BudgetExceeded) return undefined
    throw error
  }
}

/** Rules that ask one expression for different values. */
export function selectByKey(key: AnyCode, effect: 'allow' | 'deny', buckets: RuleBuckets): SelectRules {
  return (session) => {
    // INVARIANT: a key reads and holds no constant, so that it is the same code in a shape and in a rule.
    const scope = {
      resource: session.resource,
      parameters: new Map<string, Value>(),
      variables: new Map<string, Value>(),
    }
    const value = evaluate(key as Code, scope, session)
    if (value !== undefined && !isFailure(value)) return buckets.numbersOf(toKey(value))
    const all = new Set(buckets.numbers())
    return effect === 'deny' ? [...all] : [...all].slice(0, SHOWN_ALLOWS)
  }
}

function toKey(value: Value): unknown {
  return typeof value === 'object' && value.kind === 'entity' ? value.id : value
}

/** Rules to the holders of a role. */
export function selectByRole(role: string, numbers: readonly number[]): SelectRules {
  return (session) => (session.roles.holds(role, session.resource, true) === false ? [] : numbers)
}
