import type { Rule } from '../ast/nodes.ts'
import { RepeatedRule } from '../ast/repeated-rule.ts'
import { checkGuarded, rootsOf } from './check-guarded.ts'
import { createSampleCheck } from './check-samples.ts'
import type { CheckState } from './check-state.ts'
import type { CheckedGrant } from './checked.ts'
import type { Binding, Scope } from './expressions/typing.ts'
import { type Inspected, type InspectedRule, inspectRule } from './inspect-rule.ts'

export interface InspectedGrant extends Inspected {
  readonly checked: CheckedGrant
}

export function checkRules(state: CheckState): readonly InspectedRule[] {
  const rules = [...state.declarations.rules.values()]
  checkSubjects(rules, state)
  const inspectBySample = createSampleCheck(state)
  return rules.map((rule) => {
    const found = rule instanceof RepeatedRule ? inspectBySample(rule) : undefined
    return found ?? inspectRule(rule, state.pairs.resolve(rule.actions, rule.types), state)
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
