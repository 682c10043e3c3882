import type { Value } from '../model/values.ts'
import type { ProgramCondition, ProgramRule, ProgramWho } from '../program/program.ts'
import { judge } from './evaluate-code.ts'
import { liesIn } from './membership.ts'
import type { Outcome } from './result.ts'
import { allOf, anyOf } from './result.ts'
import type { RoleParameters, Scope, Session } from './session.ts'

/** What one rule comes to. */
export interface RuleOutcome {
  readonly rule: ProgramRule
  /** WHO && all clauses; of a grant with parameters, the `||` of that over the role's counting assignments. */
  readonly conjunction: Outcome
  /** The scopes whose conjunction came to the same: one, or of a grant with parameters one an assignment. */
  readonly scopes: readonly Scope[]
}

export function evaluateRule(rule: ProgramRule, session: Session): RuleOutcome {
  const candidates = findCandidates(rule, session)
  const judged = candidates.map(({ scope, who }) => ({
    scope,
    outcome: allOf([who, ...rule.conditions], (part) =>
      typeof part === 'function' ? part() : judgeCondition(part, scope, session),
    ),
  }))
  const conjunction = anyOf(judged, ({ outcome }) => outcome)
  const isSame = (outcome: Outcome): boolean =>
    typeof conjunction === 'boolean' ? outcome === conjunction : typeof outcome !== 'boolean'
  return {
    rule,
    conjunction,
    scopes: judged.filter(({ outcome }) => isSame(outcome)).map(({ scope }) => scope),
  }
}

/** What a rule's clauses are judged in, and whether that is for this subject. */
export interface Candidate {
  readonly scope: Scope
  readonly who: () => Outcome
}

/** One candidate; of a grant of a role with parameters, one an assignment that counts. */
export function findCandidates(rule: ProgramRule, session: Session): readonly Candidate[] {
  const role = rule.grantOf === undefined ? undefined : session.linked.roles.get(rule.grantOf)?.role
  if (role === undefined || role.parameters.length === 0) {
    return [{ scope: toScope(session, new Map()), who: () => judgeWho(rule.who, session) }]
  }
  return session.roles
    .instances(role, session.resource)
    .map(({ outcome, parameters }) => ({ scope: toScope(session, parameters), who: () => outcome }))
}

export function judgeCondition({ code }: ProgramCondition, scope: Scope, session: Session): Outcome {
  return judge(code, scope, session)
}

function toScope({ resource }: Session, parameters: RoleParameters): Scope {
  return { resource, parameters, variables: new Map<string, Value>() }
}

function judgeWho(who: readonly ProgramWho[], session: Session): Outcome {
  return who.length === 0 || anyOf(who, (one) => judgeOne(one, session))
}

function judgeOne(who: ProgramWho, session: Session): Outcome {
  switch (who.kind) {
    case 'anyone':
      return true
    case 'type':
      return session.subject.type === who.type
    case 'entity':
      return liesIn(session, session.subject, { kind: 'entity', type: who.type, id: who.id })
    case 'role':
      return session.roles.holds(who.role, session.resource, true)
  }
}
