import type { RoleHolding } from '../model/answer.ts'
import type { ProgramRule } from '../program/program.ts'
import type { Verdict } from './combine.ts'
import { evaluateRule } from './evaluate-rule.ts'
import { explainHolding } from './explain-holding.ts'
import type { PreparedRules } from './prepare.ts'
import { goalKey, type RoleGoal } from './role-solver.ts'
import type { Session } from './session.ts'
import { collectWithinBudget, type Observed, type Watch } from './watch.ts'

const SHOWN_ROLES = 20

/** How each role is held that a deciding rule asks for, in its WHO or by `hasRole`. */
export function explainRoles(
  { rules, session, findAssignments }: PreparedRules,
  { reasons }: Verdict,
  watch: Watch,
): readonly RoleHolding[] {
  const ids = new Set(reasons.flatMap((reason) => ('rule' in reason ? [reason.rule] : [])))
  const deciding = rules.filter(({ id }) => ids.has(id))
  const goals = collectWithinBudget(deciding, (rule) => goalsOf(rule, session, watch))
  const distinct = [...new Map(goals.map((goal) => [goalKey(goal), goal])).values()]
  return collectWithinBudget(distinct.slice(0, SHOWN_ROLES), (goal) => {
    const holding = explainHolding(session, findAssignments, goal)
    return holding === undefined ? [] : [holding]
  })
}

function goalsOf(rule: ProgramRule, session: Session, watch: Watch): readonly RoleGoal[] {
  const named = rule.who.flatMap((who) =>
    who.kind === 'role' ? [{ role: who.role, entity: session.resource }] : [],
  )
  const { observed } = watch.during(() => evaluateRule(rule, session))
  return [...named, ...observed.flatMap((one) => goalsTested(one, observed, session))]
}

/** The goal of a `hasRole` that was asked and held. */
function goalsTested(
  { code, result }: Observed,
  observed: readonly Observed[],
  session: Session,
): readonly RoleGoal[] {
  if (code.op !== 'hasRole' || result !== true) return []
  if (code.on === undefined) return [{ role: code.role, entity: session.resource }]
  const on = observed.find((other) => other.code === code.on)?.result
  return typeof on === 'object' && on.kind === 'entity' ? [{ role: code.role, entity: on }] : []
}
