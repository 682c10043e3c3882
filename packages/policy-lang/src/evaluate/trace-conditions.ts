import type { ConditionTrace, Truth } from '../model/answer.ts'
import type { Code, Place, Program, ProgramRule } from '../program/program.ts'
import { type Candidate, findCandidates, judgeCondition } from './evaluate-rule.ts'
import type { Outcome } from './result.ts'
import { failure } from './result.ts'
import { toSeenValues } from './seen-values.ts'
import type { Scope, Session } from './session.ts'
import { toLocation } from './to-location.ts'
import type { Observed, Watch } from './watch.ts'

/** Every conjunct of a rule on its own: WHO first, where there is one, then the clauses. */
export function traceConditions(
  rule: ProgramRule,
  session: Session,
  watch: Watch,
): readonly ConditionTrace[] {
  const candidates = findCandidates(rule, session)
  const traces = (candidates.length === 0 ? [withoutRole(session)] : candidates).map((candidate) =>
    traceCandidate(rule, candidate, session, watch),
  )
  // A grant is asked for each assignment of its role: the one that came nearest tells most.
  return traces.reduce((best, trace) => (countUnmet(trace) < countUnmet(best) ? trace : best))
}

export function countUnmet(conditions: readonly ConditionTrace[]): number {
  return conditions.filter(({ result }) => result !== 'true').length
}

export function toTruth(outcome: Outcome): Truth {
  return typeof outcome === 'boolean' ? (outcome ? 'true' : 'false') : 'failed'
}

/** A role with parameters that is not held has none to read. */
function withoutRole({ resource }: Session): Candidate {
  const scope: Scope = { resource, parameters: failure('the role is not held'), variables: new Map() }
  return { scope, who: () => false }
}

function traceCandidate(
  rule: ProgramRule,
  { scope, who }: Candidate,
  session: Session,
  watch: Watch,
): readonly ConditionTrace[] {
  const { program } = session.linked
  const trace = (text: string, at: Place, judge: () => Outcome): ConditionTrace =>
    traceCondition({ text, at, program, scope }, watch.during(judge))
  const clauses = rule.conditions.map((condition) =>
    trace(condition.text, condition.at, () => judgeCondition(condition, scope, session)),
  )
  if (rule.who.length === 0) return clauses
  const { result, observed } = watch.during(who)
  const seen = [...askedRoles(rule, scope, session), ...observed]
  const whole = { text: rule.whoText, at: rule.at, program, scope }
  return [traceCondition(whole, { result, observed: seen }), ...clauses]
}

/** The roles that WHO names, as if each had been asked for by `hasRole`. */
function askedRoles({ who, at }: ProgramRule, scope: Scope, session: Session): readonly Observed[] {
  return who.flatMap((one): readonly Observed[] => {
    if (one.kind !== 'role') return []
    const code: Code = { op: 'hasRole', role: one.role, isNegative: true, at }
    return [{ code, result: session.roles.holds(one.role, session.resource, true), scope }]
  })
}

interface Traced {
  readonly text: string
  readonly at: Place
  readonly program: Program
  readonly scope: Scope
}

function traceCondition(
  { text, at, program, scope }: Traced,
  { result, observed }: { readonly result: Outcome; readonly observed: readonly Observed[] },
): ConditionTrace {
  const values = toSeenValues(observed, scope)
  return { text, location: toLocation(at, program), result: toTruth(result), values }
}
