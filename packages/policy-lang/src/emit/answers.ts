// Answers of a plan: what is the same in every decision is made once and shared.
import { uniteDuties } from '../evaluate/duties.ts'
import type { Answer, Decision, Reason } from '../model/answer.ts'
import type { PlanRule } from './plan-rule.ts'
import { type Run, toCacheable } from './run.ts'

const NOTHING: readonly never[] = Object.freeze([])

/** Answers by what decided and by which rules with duties matched. */
export interface PlanAnswers {
  /** The answer of a rule by its number in the plan, or of none (-1), where no duty and no clock comes in. */
  readonly plain: (decision: Decision, rule: number) => Answer
  /** The same, with the duties of rules that matched and for as long as the clock lets it hold. */
  readonly conclude: (run: Run, decision: Decision, rule: number, matched: number) => Answer
}

/** More rules with duties than bits in a matched set: the reference unites them. */
export const MAX_DUTY_RULES = 30

/**
 * @param dutyRules rules whose bit in `matched` is their place here
 */
export function createPlanAnswers(
  idOf: (rule: number) => string,
  dutyRules: readonly PlanRule[],
  policyVersion: string,
): PlanAnswers {
  const allowed = new Map<number, Answer>()
  const denied = new Map<number, Answer>()
  const withDuties = new Map<string, Answer>()

  function build(decision: Decision, rule: number, matched: number): Answer {
    const reason: Reason = rule === -1 ? { builtin: 'default' } : { rule: idOf(rule) }
    const speaking = dutyRules.filter((_, bit) => (matched & (1 << bit)) !== 0)
    return freeze({
      decision,
      reasons: Object.freeze([Object.freeze(reason)]),
      obligations: unite(speaking, 'obligations'),
      advice: unite(speaking, 'advice'),
      errors: NOTHING,
      errorCount: 0,
      policyVersion,
      cacheable: UNLIMITED,
    })
  }

  function find(decision: Decision, rule: number, matched: number): Answer {
    if (matched === 0) {
      const answers = decision === 'allow' ? allowed : denied
      const known = answers.get(rule)
      if (known !== undefined) return known
      const answer = build(decision, rule, 0)
      answers.set(rule, answer)
      return answer
    }
    const key = `${decision} ${rule} ${matched}`
    const answer = withDuties.get(key) ?? build(decision, rule, matched)
    // Bounded: one entry for each set of duties that ever came together.
    if (withDuties.size < MAX_KEPT) withDuties.set(key, answer)
    return answer
  }

  return {
    plain: (decision, rule) => find(decision, rule, 0),
    conclude(run, decision, rule, matched) {
      const answer = find(decision, rule, matched)
      if (run.flipsAt === Number.POSITIVE_INFINITY && !run.isUnbounded) return answer
      return freeze({ ...answer, cacheable: toCacheable(run) })
    },
  }
}

const MAX_KEPT = 4096
const UNLIMITED = Object.freeze({ until: null })

function unite(rules: readonly PlanRule[], kind: 'obligations' | 'advice'): Answer['obligations'] {
  const duties = uniteDuties(rules.flatMap((rule) => rule.duties?.[kind] ?? []))
  return Object.freeze(duties.map((duty) => freezeDeep(duty)))
}

function freeze(answer: Answer): Answer {
  return Object.freeze(answer)
}

function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) freezeDeep(part)
  return Object.freeze(value)
}
