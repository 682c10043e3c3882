import { walkExpression } from '../ast/walk.ts'
import type { CheckState } from './check-state.ts'
import { forEachTopLevelExpression } from './for-each-expression.ts'
import type { Inspected } from './inspect-rule.ts'
import { orderByDependency } from './order-by-dependency.ts'

/** What holding a role comes to, with all it extends. */
export interface RoleReach {
  /** Resource types on which it grants something or a rule asks for it. */
  readonly types: ReadonlySet<string>
  /** Some condition or assignment asks whether it is held, on whatever type. */
  readonly isTested: boolean
  /** It, or a role it extends, also counts on what lies below. */
  readonly isInherited: boolean
}

export function computeRoleReach(
  rules: readonly Inspected[],
  state: CheckState,
): ReadonlyMap<string, RoleReach> {
  const { declarations } = state
  const granted = collectGranted(rules)
  const tested = collectTested(state)
  const dependencies = new Map(
    [...declarations.roles].map(([name, { declaration }]) => [
      name,
      declaration.extends.map((extended) => extended.name),
    ]),
  )
  const reach = new Map<string, RoleReach>()
  for (const name of orderByDependency(dependencies).ordered) {
    const extended = (dependencies.get(name) ?? []).flatMap((other) => reach.get(other) ?? [])
    const own = granted.get(name) ?? new Set<string>()
    reach.set(name, {
      types:
        extended.length === 0 ? own : new Set([...own, ...extended.flatMap((other) => [...other.types])]),
      isTested: tested.has(name) || extended.some((other) => other.isTested),
      isInherited:
        (declarations.roles.get(name)?.declaration.isInherited ?? false) ||
        extended.some((other) => other.isInherited),
    })
  }
  return reach
}

function collectGranted(rules: readonly Inspected[]): ReadonlyMap<string, ReadonlySet<string>> {
  const granted = new Map<string, Set<string>>()
  for (const { who, pairs } of rules) {
    for (const member of who) {
      if (member.kind !== 'role') continue
      const types = granted.get(member.role) ?? new Set<string>()
      granted.set(member.role, types)
      for (const pair of pairs) types.add(pair.resourceType)
    }
  }
  return granted
}

/** Roles that some `hasRole` or an assignment to their holders asks for. */
function collectTested({ declarations }: CheckState): ReadonlySet<string> {
  const tested = new Set<string>()
  forEachTopLevelExpression(declarations.distinct, (expression) => {
    walkExpression(expression, (node) => {
      if (node.kind === 'hasRole') tested.add(node.role.name)
    })
  })
  for (const { to } of declarations.assignments) if (to.kind === 'holders') tested.add(to.role.name)
  return tested
}
