import type { Clause, Duty, Name, Rule } from '../ast/nodes.ts'
import { checkGuarded, rootsOf } from './check-guarded.ts'
import type { CheckState } from './check-state.ts'
import type { CheckedGrant, CheckedRule, ResolvedWho } from './checked.ts'
import type { Observations } from './expressions/run-typing.ts'
import type { Binding, Pair, Scope } from './expressions/typing.ts'
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
}

export interface InspectedGrant extends Inspected {
  readonly checked: CheckedGrant
}

export function checkRules(state: CheckState): readonly InspectedRule[] {
  const rules = [...state.declarations.rules.values()]
  checkSubjects(rules, state)
  return rules.map((rule) => {
    const pairs = state.pairs.resolve(rule.actions, rule.types)
    const { who, subjects } = resolveWho(rule.who, state)
    const { name, effect, isAfter, clauses, duties } = rule
    const roots = rootsOf(subjects, pairs, 'in a rule')
    const observed = checkGuarded({ clauses, duties, roots }, state)
    return { rule, name, effect, isAfter, pairs, subjects, who, clauses, duties, observed }
  })
}

/** Grants of all roles, in source order. */
export function checkGrants(state: CheckState): readonly InspectedGrant[] {
  return [...state.declarations.roles.values()].flatMap(({ name: role, declaration }) => {
    const scope = roleScope(role, state)
    return declaration.grants.map((grant): InspectedGrant => {
      const pairs = state.pairs.resolve(grant.actions, grant.types)
      const subjects = state.index.subjects
      const { clauses, duties } = grant
      const roots = rootsOf(subjects, pairs, 'in a grant')
      const observed = checkGuarded({ clauses, duties, roots, scope }, state)
      return {
        checked: { grant, role, pairs },
        name: { name: role, span: grant.span },
        effect: 'allow',
        isAfter: false,
        pairs,
        subjects,
        who: [{ kind: 'role', role }],
        clauses,
        duties,
        observed,
      }
    })
  })
}

export function toCheckedRule({ rule, who, pairs }: InspectedRule): CheckedRule {
  return { rule, who, pairs }
}

/** The parameters of a role, readable in its `when` and its grants. */
export function roleScope(role: string, state: CheckState): Scope {
  const parameters = state.tables.roles.get(role) ?? []
  return new Map(
    parameters.map(({ name, type, isOptional }): [string, Binding] => [
      name,
      { kind: 'bound', type, isOptional, path: `%${JSON.stringify(name)}` },
    ]),
  )
}

function checkSubjects(rules: readonly Rule[], { index, report }: CheckState): void {
  const first = rules[0]
  if (first === undefined || index.subjects.length > 0) return
  report({
    code: 'no-subject-type',
    span: first.name.span,
    message: 'no subject type is declared, so no rule can ever apply',
    hint: 'declare who asks: `subject User`',
  })
}
