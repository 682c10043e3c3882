import type { Expression, RoleCondition } from '../ast/nodes.ts'
import { roleScope } from './check-rules.ts'
import type { CheckState } from './check-state.ts'
import type { CheckedRole } from './checked.ts'
import { checkDistinct } from './declarations.ts'
import { checkInEnvironments } from './expressions/check-in-environments.ts'
import { quoteName } from './expressions/describe-expression.ts'
import { NO_FACTS } from './expressions/facts.ts'
import { inferCondition } from './expressions/require.ts'
import type { Observations } from './expressions/run-typing.ts'
import type { Roots, Scope } from './expressions/typing.ts'
import { EMPTY_SCOPE } from './expressions/typing.ts'
import { orderByDependency } from './order-by-dependency.ts'

/** Which roles a role asks for in its conditions, by type of the entity it is asked for. */
export interface InspectedCondition {
  readonly role: string
  /** Left out: on whatever type. */
  readonly type?: string
  readonly node: Expression
  readonly observed: Observations
}

/** Checks headers, `extends`, `when` and conditions. */
export function checkRoles(state: CheckState): readonly InspectedCondition[] {
  const roles = [...state.declarations.roles.values()]
  checkExtends(roles, state)
  return roles.flatMap((role) => [...checkWhen(role, state), ...checkConditions(role, state)])
}

function checkExtends(roles: readonly CheckedRole[], state: CheckState): void {
  const { declarations, names, report } = state
  const dependencies = new Map<string, readonly string[]>()
  for (const { name, declaration } of roles) {
    checkDistinct(declaration.extends, 'extended role', report)
    const known = declaration.extends.filter((extended) => names.resolveRole(extended))
    for (const extended of known) {
      const target = declarations.roles.get(extended.name)
      if (target === undefined || target.declaration.parameters.length === 0) continue
      report({
        code: 'parameterised-role',
        span: extended.span,
        message: `\`${extended.name}\` has parameters, so it cannot be extended`,
        hint: `grants that need no parameters can stand in a role of their own, which follows from this one: \`role NAME if hasRole(${quoteName(extended.name)})\`; extend that`,
        related: [{ span: target.declaration.name.span, message: 'declared here' }],
      })
    }
    dependencies.set(
      name,
      known.map((extended) => extended.name),
    )
  }
  for (const cycle of orderByDependency(dependencies).cycles) {
    const first = declarations.roles.get(cycle[0] ?? '')
    if (first === undefined) continue
    report({
      code: 'role-cycle',
      span: first.declaration.name.span,
      message: `the role \`${first.name}\` extends itself: ${[...cycle, cycle[0]].map((name) => `\`${name}\``).join(' → ')}`,
      hint: 'roles that hold the same are one role: merge them',
    })
  }
}

function checkWhen({ name, declaration }: CheckedRole, state: CheckState): readonly InspectedCondition[] {
  if (declaration.when === undefined) return []
  const roots: Roots = { subject: state.index.subjects, hasContext: true, place: 'in the `when` of a role' }
  const observed = checkCondition(declaration.when, roots, roleScope(name, state), state)
  return observed === undefined ? [] : [{ role: name, node: declaration.when, observed }]
}

function checkConditions(role: CheckedRole, state: CheckState): readonly InspectedCondition[] {
  return role.conditions.flatMap((condition) => {
    if (role.declaration.parameters.length > 0) reportParameters(role, condition, state)
    const types = conditionTypes(condition, state)
    const roots: Roots = {
      subject: state.index.subjects,
      resource: types,
      hasContext: true,
      place: 'in a role condition',
    }
    const observed = checkCondition(condition.condition, roots, EMPTY_SCOPE, state)
    if (observed === undefined || types.length === 0) return []
    // What is asked for depends on the type that the condition stands for: each is looked at alone.
    if (observed.roleTests.length === 0) return [{ role: role.name, node: condition.condition, observed }]
    return types.map((type, index) => {
      const single = inferEverywhere(condition.condition, { ...roots, resource: [type] }, EMPTY_SCOPE, {
        ...state,
        report: () => {},
      })
      const constants = index === 0 ? observed.constants : new Map<Expression, boolean>()
      return {
        role: role.name,
        type,
        node: condition.condition,
        observed: { ...(single ?? observed), constants },
      }
    })
  })
}

function conditionTypes(condition: RoleCondition, { names, index, report }: CheckState): readonly string[] {
  checkDistinct(condition.types, 'type', report)
  if (condition.types.length === 0) return index.names
  return condition.types.filter((type) => names.resolveEntityType(type)).map((type) => type.name)
}

function checkCondition(
  condition: Expression,
  roots: Roots,
  scope: Scope,
  state: CheckState,
): Observations | undefined {
  state.names.resolve(condition, new Set(scope.keys()))
  return inferEverywhere(condition, roots, scope, state)
}

function inferEverywhere(
  condition: Expression,
  roots: Roots,
  scope: Scope,
  state: CheckState,
): Observations | undefined {
  const measure = state.tables.values.measure([condition])
  if (measure === undefined) return undefined
  return checkInEnvironments({
    tables: state.tables,
    roots,
    measure,
    methods: state.methods,
    report: state.report,
    check: (typing) => {
      inferCondition(typing, condition, {
        roots: typing.roots,
        scope,
        facts: NO_FACTS,
        isMonotone: true,
        isInlined: false,
      })
    },
  })
}

function reportParameters(
  { name, declaration }: CheckedRole,
  condition: RoleCondition,
  { report }: CheckState,
): void {
  const types = condition.types.map((type) => quoteName(type.name)).join(', ')
  const onTypes = types === '' ? '' : ` of ${types}`
  report({
    code: 'parameterised-role',
    span: condition.role.span,
    message: `\`${name}\` has parameters, so no condition can give it`,
    hint: `it is held by assignment alone; give a role without parameters on this condition, and let it follow from this one too: \`role NAME${onTypes} if hasRole(${quoteName(name)})\``,
    related: [{ span: declaration.name.span, message: 'declared here' }],
  })
}
