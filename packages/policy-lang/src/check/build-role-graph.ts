import type { Assignment } from '../ast/nodes.ts'
import {
  createRoleGraphBuilder,
  findNegativeCycle,
  type RoleDependency,
  type RoleGraph,
} from '../model/role-graph.ts'
import type { InspectedCondition } from './check-roles.ts'
import type { CheckState } from './check-state.ts'
import { quoteName } from './expressions/describe-expression.ts'

/** Which role on which type rests on which. Refuses a cycle with a negative edge, printing it. */
export function buildRoleGraph(conditions: readonly InspectedCondition[], state: CheckState): RoleGraph {
  // Everything but a negated role test gives positive edges, which alone never do harm.
  if (!conditions.some(({ observed }) => observed.roleTests.some((test) => !test.isMonotone))) {
    return { nodes: [], edges: [] }
  }
  const builder = createRoleGraphBuilder()
  for (const condition of conditions) addCondition(condition, state, builder.add)
  for (const { name, declaration } of state.declarations.roles.values()) {
    for (const type of state.index.names) {
      for (const extended of declaration.extends) builder.add(edge(extended.name, type, name, type))
      if (!declaration.isInherited) continue
      for (const parent of state.index.get(type)?.parents ?? []) builder.add(edge(name, type, name, parent))
    }
  }
  for (const assignment of state.declarations.assignments) addAssignment(assignment, state, builder.add)
  const graph = builder.build()
  const cycle = findNegativeCycle(graph)
  if (cycle !== undefined) reportCycle(cycle, conditions, state)
  return graph
}

type Add = (dependency: RoleDependency) => void

function edge(
  fromRole: string,
  fromType: string,
  toRole: string,
  toType: string,
  isNegative = false,
): RoleDependency {
  return { from: { role: fromRole, type: fromType }, to: { role: toRole, type: toType }, isNegative }
}

function addCondition(
  { role, type, observed }: InspectedCondition,
  { index, declarations }: CheckState,
  add: Add,
): void {
  const from = type === undefined ? index.names : [type]
  for (const test of observed.roleTests) {
    if (!declarations.roles.has(test.role)) continue
    for (const asked of from) {
      for (const on of test.types) add(edge(role, asked, test.role, on, !test.isMonotone))
    }
  }
}

function addAssignment({ role, to, on }: Assignment, { index }: CheckState, add: Add): void {
  if (to.kind !== 'holders') return
  const scopes = on === undefined ? index.names : [on.type.name]
  for (const scope of scopes) add(edge(role.name, scope, to.role.name, to.on.type.name))
}

function reportCycle(
  cycle: readonly RoleDependency[],
  conditions: readonly InspectedCondition[],
  { report }: CheckState,
): void {
  const negative = cycle[0]
  if (negative === undefined) return
  const test = conditions
    .filter(
      ({ role, type }) => role === negative.from.role && (type === undefined || type === negative.from.type),
    )
    .flatMap(({ observed }) => observed.roleTests)
    .find(
      (candidate) =>
        !candidate.isMonotone &&
        candidate.role === negative.to.role &&
        candidate.types.includes(negative.to.type),
    )
  if (test === undefined) return
  const steps = cycle.map(({ to, isNegative }) => ` → ${isNegative ? 'not ' : ''}${describeNode(to)}`)
  report({
    code: 'negative-role-cycle',
    span: test.node.span,
    message: `whether ${describeNode(negative.from)} is held rests on its own negation: ${describeNode(negative.from)}${steps.join('')}`,
    hint: 'take the negation out of the role, and put it as a condition into the rules that use the role',
  })
}

function describeNode({ role, type }: { readonly role: string; readonly type: string }): string {
  return `\`${quoteName(role)}\` on \`${quoteName(type)}\``
}
