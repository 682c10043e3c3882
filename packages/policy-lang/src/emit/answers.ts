// Answers of a plan: what is the same in every decision is made once and shared.
import { uniteDuties } from '../evaluate/duties.ts'
import type { Answer, Decision, Reason } from '../model/answer.ts'
import type { PlanRule } from './plan-rule.ts'
import { answerOf, type RuleList } from './rule-list.ts'
import { type Run, toCacheable } from './run.ts'

const NOTHING: readonly never[] = Object.freeze([])

/** Answers by what decided and by which rules with duties matched. */
export interface PlanAnswers {
  /** The answer of a rule by its number in the plan, or of none (-1), where no duty and no clock comes in. */
  readonly plain: (decision: Decision, rule: number) => Answer
  /** The same, with the duties of rules that matched and for as long as the clock lets it hold. */
  readonly conclude: (run: Run, decision: Decision, rule: number, matched: number) => Answer
  /** For rules in a list, by their place in it: answers without duty or clock as far as they are known, and the others. */
  readonly listed: (decision: Decision, rules: readonly number[]) => ListedAnswers
  /** The same for a rule of a list that keeps answers, by where it starts there. */
  readonly tabled: (decision: Decision) => (run: Run, list: RuleList, at: number) => Answer
}

export interface ListedAnswers {
  readonly known: readonly (Answer | undefined)[]
  readonly conclude: (run: Run, place: number) => Answer
}

/** More rules with duties than bits in a matched set: the reference unites them. */
export const MAX_DUTY_RULES = 30

/**
 * @param dutyRules rules whose bit in `matched` is their place here
 * @param denied the denial by no rule, of the same policy version
 */
export function createPlanAnswers(
  idOf: (rule: number) => string,
  dutyRules: readonly PlanRule[],
  denied: Answer,
): PlanAnswers {
  const { policyVersion } = denied
  const allowed = new Map<number, Answer>()
  const deniedBy = new Map<number, Answer>([[-1, denied]])
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
      const answers = decision === 'allow' ? allowed : deniedBy
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
    conclude: (run, decision, rule, matched) => limit(run, find(decision, rule, matched)),
    listed(decision, rules) {
      const known = rules.map((): Answer | undefined => undefined)
      return {
        known,
        conclude(run, place) {
          const answer = known[place] ?? find(decision, rules[place] ?? -1, 0)
          known[place] = answer
          return limit(run, answer)
        },
      }
    },
    tabled: (decision) => (run, list, at) =>
      limit(
        run,
        answerOf(list, at, (rule) => find(decision, rule, 0)),
      ),
  }
}

/** The answer for as long as the clock lets it hold. */
function limit(run: Run, answer: Answer): Answer {
  if (run.flipsAt === Number.POSITIVE_INFINITY && !run.isUnbounded) return answer
  return freeze({ ...answer, cacheable: toCacheable(run) })
}

/** The denial by no rule. */
export function createDenied(policyVersion: string): Answer {
  return freeze({
    decision: 'deny',
    reasons: Object.freeze([Object.freeze({ builtin: 'default' as const })]),
    obligations: NOTHING,
    advice: NOTHING,
    errors: NOTHING,
    errorCount: 0,
    policyVersion,
    cacheable: UNLIMITED,
  })
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
