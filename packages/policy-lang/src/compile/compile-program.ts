// Checked policy set → Program.
// In: a policy set without errors and the texts it was read from. Out: plain data, the same for every order of
// files and declarations. It never judges a policy: what the checker let pass compiles.
import type { CheckedPolicySet } from '../check/checked.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { RoleGraph } from '../model/role-graph.ts'
import type { Schema } from '../model/schema.ts'
import { PROGRAM_FORMAT, PROGRAM_FORMAT_VERSION, type Program, type ProgramCell } from '../program/program.ts'
import { compileAssignments } from './compile-assignments.ts'
import { compileRoles } from './compile-roles.ts'
import { compileGrant, compileRule, type PlacedRule } from './compile-rules.ts'
import { assignGrantIds } from './grant-ids.ts'
import type { LoweringUnit } from './lowering-context.ts'
import { createPlaces, type Places } from './places.ts'
import { computePolicyVersion, isServed } from './policy-version.ts'

/** Compiles a checked policy set. `sources` are the texts, for lines and columns. */
export function compileProgram(checked: CheckedPolicySet, sources: readonly SourceFile[]): Program {
  const names = findProgramSources(checked)
  const unit = createLoweringUnit(checked, createPlaces(sources, names))
  const rules = compileAllRules(checked, unit)
  return {
    format: PROGRAM_FORMAT,
    formatVersion: PROGRAM_FORMAT_VERSION,
    policyVersion: computePolicyVersion(checked.files),
    sources: names,
    schema: checked.schema,
    roles: compileRoles(checked, unit),
    roleGraph: sortRoleGraph(checked.roleGraph),
    assignments: compileAssignments(checked.assignments, unit),
    rules: rules.map(({ rule }) => rule),
    cells: buildCells(checked.schema, rules),
  }
}

/** What lowering needs of the whole set. */
export function createLoweringUnit(checked: CheckedPolicySet, places: Places): LoweringUnit {
  const groups = new Map(
    checked.schema.entityTypes.map(({ name, actionGroups }) => [
      name,
      new Map(actionGroups.map((group) => [group.name, group.actions])),
    ]),
  )
  return { checked, groups, actions: new Map(), placeOf: places.placeOf }
}

/** Names of the sources that hold more than tests: adding a test leaves the Program as it is. */
function findProgramSources(checked: CheckedPolicySet): readonly string[] {
  const files = checked.files.filter(({ declarations }) => declarations.some(isServed))
  return files.map(({ file }) => file).sort(compareCodePoints)
}

function compileAllRules(checked: CheckedPolicySet, unit: LoweringUnit): readonly PlacedRule[] {
  const ids = assignGrantIds(checked.grants)
  const grants = checked.grants.map((grant) => {
    const parameters = checked.roles.get(grant.role)?.declaration.parameters ?? []
    const names = parameters.map(({ name }) => name)
    return compileGrant(grant, ids.get(grant.grant) ?? grant.role, names, unit)
  })
  const rules = checked.rules.map((rule) => compileRule(rule, unit))
  return [...rules, ...grants].sort((a, b) => compareCodePoints(a.rule.id, b.rule.id))
}

/** A cell for every declared pair, also where no rule applies: it tells `default` from `unknownAction`. */
function buildCells(schema: Schema, rules: readonly PlacedRule[]): readonly ProgramCell[] {
  const indices = new Map<string, Map<string, number[]>>(
    schema.entityTypes.map(({ name, actions }) => [
      name,
      new Map(actions.map((action) => [action.name, []])),
    ]),
  )
  rules.forEach(({ pairs }, index) => {
    for (const { action, resourceType } of pairs) indices.get(resourceType)?.get(action)?.push(index)
  })
  return [...indices]
    .sort(byName)
    .flatMap(([resourceType, actions]) =>
      [...actions].sort(byName).map(([action, found]) => ({ resourceType, action, rules: found })),
    )
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return compareCodePoints(a[0], b[0])
}

function sortRoleGraph({ nodes, edges }: RoleGraph): RoleGraph {
  const order = nodes
    .map((node, index) => ({ node, index }))
    .sort(
      (a, b) => compareCodePoints(a.node.role, b.node.role) || compareCodePoints(a.node.type, b.node.type),
    )
  const newIndex = new Map(order.map(({ index }, position) => [index, position]))
  const moved = edges.map(({ from, to, isNegative }) => ({
    from: newIndex.get(from) ?? from,
    to: newIndex.get(to) ?? to,
    isNegative,
  }))
  return {
    nodes: order.map(({ node }) => node),
    edges: moved.sort(
      (a, b) => a.from - b.from || a.to - b.to || Number(a.isNegative) - Number(b.isNegative),
    ),
  }
}
