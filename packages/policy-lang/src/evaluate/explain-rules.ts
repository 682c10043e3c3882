import type { RuleTrace } from '../model/answer.ts'
import type { ProgramRule } from '../program/program.ts'
import type { Verdict } from './combine.ts'
import { evaluateDuties } from './duties.ts'
import { evaluateRule, type RuleOutcome } from './evaluate-rule.ts'
import type { PreparedRules } from './prepare.ts'
import type { Session } from './session.ts'
import { toLocation } from './to-location.ts'
import { toTruth, traceConditions } from './trace-conditions.ts'
import { collectWithinBudget, type Watch } from './watch.ts'

/** What every rule for this action and type came to, and which of them took part in the decision. */
export function explainRules(
  { rules, session }: PreparedRules,
  verdict: Verdict,
  watch: Watch,
): readonly RuleTrace[] {
  const heard = heardKinds(rules, verdict)
  return collectWithinBudget(rules, (rule): readonly RuleTrace[] => {
    const outcome = evaluateRule(rule, session)
    return [
      {
        rule: rule.id,
        effect: rule.effect,
        isAfter: rule.isAfter,
        location: toLocation(rule.at, session.linked.program),
        ...(rule.doc !== undefined && { doc: rule.doc }),
        result: toTruth(outcome.conjunction),
        applied: heard.has(kindOf(rule)) && applies(outcome, session),
        conditions: traceConditions(rule, session, watch),
      },
    ]
  })
}

type RuleKind = 'allow' | 'deny' | 'after allow' | 'after deny'

function kindOf({ effect, isAfter }: ProgramRule): RuleKind {
  return isAfter ? `after ${effect}` : effect
}

/** Kinds of rules whose matches counted: a deny silences the allows, and `after` rules run on one side only. */
function heardKinds(rules: readonly ProgramRule[], { decision, reasons }: Verdict): ReadonlySet<RuleKind> {
  if (decision === 'allow') return new Set(['deny', 'allow', 'after allow'])
  if (reasons.some((reason) => 'builtin' in reason && reason.builtin !== 'default')) return new Set()
  const ids = new Set(reasons.flatMap((reason) => ('rule' in reason ? [reason.rule] : [])))
  const isRefusedAfterwards = rules.some((rule) => ids.has(rule.id) && kindOf(rule) === 'after allow')
  return new Set(isRefusedAfterwards ? ['deny', 'after allow', 'after deny'] : ['deny', 'after deny'])
}

function applies({ rule, conjunction, scopes }: RuleOutcome, session: Session): boolean {
  if (kindOf(rule) !== 'allow') return conjunction !== false
  const canOblige = scopes.some(
    (scope) => evaluateDuties(rule.obligations, scope, session).failed === undefined,
  )
  return conjunction === true && canOblige
}
