// Outcomes of rules → decision: deny overrides, a failed deny denies, a failed allow allows nothing.
import type { AnswerDuty, Decision, EvaluationError, Reason } from '../model/answer.ts'
import type { ProgramRule } from '../program/program.ts'
import { evaluateDuties, uniteDuties } from './duties.ts'
import { evaluateRule } from './evaluate-rule.ts'
import type { Failure } from './result.ts'
import { isFailure } from './result.ts'
import type { Session } from './session.ts'

/** A decision before it is put into words. */
export interface Verdict {
  readonly decision: Decision
  readonly reasons: readonly Reason[]
  readonly obligations: readonly AnswerDuty[]
  readonly advice: readonly AnswerDuty[]
  readonly errors: readonly RuleError[]
}

export interface RuleError {
  readonly rule: ProgramRule
  readonly kind: EvaluationError['kind']
  readonly failure: Failure
}

/** What one rule brings. */
interface Contribution {
  readonly rule: ProgramRule
  readonly applies: boolean
  readonly obligations: readonly AnswerDuty[]
  readonly advice: readonly AnswerDuty[]
  readonly errors: readonly RuleError[]
}

/** Decides by the rules of one cell. */
export function combineRules(rules: readonly ProgramRule[], session: Session): Verdict {
  const select = (effect: Decision, isAfter: boolean): readonly ProgramRule[] =>
    rules.filter((rule) => rule.effect === effect && rule.isAfter === isAfter)
  const runAfter = (effect: Decision): readonly Contribution[] =>
    select(effect, true).map((rule) => contribute(rule, session))

  const denies = select('deny', false).map((rule) => contribute(rule, session))
  const denying = denies.filter(({ applies }) => applies)
  if (denying.length > 0) {
    return toVerdict('deny', reasonsOf(denying), [...denying, ...runAfter('deny')])
  }
  const allows = select('allow', false).map((rule) => contributeAllow(rule, session))
  const allowing = allows.filter(({ applies }) => applies)
  if (allowing.length === 0) {
    return toVerdict('deny', [{ builtin: 'default' }], [...allows, ...runAfter('deny')])
  }
  const afterAllow = runAfter('allow')
  const refusing = afterAllow.filter(({ errors }) => errors.some(({ kind }) => kind === 'obligation'))
  if (refusing.length === 0) return toVerdict('allow', reasonsOf(allowing), [...allowing, ...afterAllow])
  // An obligation that cannot be spelt out cannot be discharged: the allow falls with all that it brought.
  const ran = afterAllow.map((contribution) => ({ ...contribution, obligations: [], advice: [] }))
  return toVerdict('deny', reasonsOf(refusing), [...ran, ...runAfter('deny')])
}

/** A deny or an `after` rule: it applies unless it is false, and whatever of its duties fails is left out. */
function contribute(rule: ProgramRule, session: Session): Contribution {
  const { conjunction, scopes } = evaluateRule(rule, session)
  if (conjunction === false) return { rule, applies: false, obligations: [], advice: [], errors: [] }
  const errors: RuleError[] = isFailure(conjunction)
    ? [{ rule, kind: 'condition', failure: conjunction }]
    : []
  const obligations = scopes.map((scope) => evaluateDuties(rule.obligations, scope, session))
  const advice = scopes.map((scope) => evaluateDuties(rule.advice, scope, session))
  for (const { failed } of obligations) if (failed) errors.push({ rule, kind: 'obligation', failure: failed })
  for (const { failed } of advice) if (failed) errors.push({ rule, kind: 'advice', failure: failed })
  return {
    rule,
    applies: true,
    obligations: obligations.flatMap(({ duties }) => duties),
    advice: advice.flatMap(({ duties }) => duties),
    errors,
  }
}

/**
 * An allow applies only where it is true and its obligations can be spelt out. With parameters, it is asked for
 * each assignment of its role. Errors tell why it does not apply, or which advice it leaves out where it does.
 */
function contributeAllow(rule: ProgramRule, session: Session): Contribution {
  const { conjunction, scopes } = evaluateRule(rule, session)
  const nothing = { rule, applies: false, obligations: [], advice: [] }
  if (conjunction === false) return { ...nothing, errors: [] }
  if (isFailure(conjunction))
    return { ...nothing, errors: [{ rule, kind: 'condition', failure: conjunction }] }
  const obliged = scopes.map((scope) => ({
    scope,
    outcome: evaluateDuties(rule.obligations, scope, session),
  }))
  const applying = obliged.filter(({ outcome }) => outcome.failed === undefined)
  if (applying.length === 0) {
    const errors = obliged.flatMap(({ outcome: { failed } }): RuleError[] =>
      failed === undefined ? [] : [{ rule, kind: 'obligation', failure: failed }],
    )
    return { ...nothing, errors }
  }
  const advice = applying.map(({ scope }) => evaluateDuties(rule.advice, scope, session))
  return {
    rule,
    applies: true,
    obligations: applying.flatMap(({ outcome }) => outcome.duties),
    advice: advice.flatMap(({ duties }) => duties),
    errors: advice.flatMap(({ failed }): RuleError[] =>
      failed === undefined ? [] : [{ rule, kind: 'advice', failure: failed }],
    ),
  }
}

function reasonsOf(contributions: readonly Contribution[]): readonly Reason[] {
  return contributions.map(({ rule }) => ({ rule: rule.id }))
}

function toVerdict(
  decision: Decision,
  reasons: readonly Reason[],
  contributions: readonly Contribution[],
): Verdict {
  return {
    decision,
    reasons,
    obligations: uniteDuties(contributions.flatMap(({ obligations }) => obligations)),
    advice: uniteDuties(contributions.flatMap(({ advice }) => advice)),
    errors: contributions.flatMap(({ errors }) => errors),
  }
}
