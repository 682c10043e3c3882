// Checked policy set → Program.
// In: a policy set without errors and the texts it was read from. Out: plain data, the same for every order of
// files and declarations. It never judges a policy: what the checker let pass compiles.
import type { Applicability, CheckedPolicySet } from '../check/checked.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { RoleGraph } from '../model/role-graph.ts'
import { buildRuleTable, type PlacedRule } from '../program/build-rule-table.ts'
import { toCells } from '../program/cells.ts'
import { PROGRAM_FORMAT, PROGRAM_FORMAT_VERSION, type Program, type ProgramCell } from '../program/program.ts'
import { compileAssignments } from './compile-assignments.ts'
import { compileRoles } from './compile-roles.ts'
import { compileGrant, compileRule } from './compile-rules.ts'
import { assignGrantIds } from './grant-ids.ts'
import type { LoweringUnit } from './lowering-context.ts'
import { createPlaces, type Places } from './places.ts'
import { computePolicyVersion, isServed } from './policy-version.ts'

/** Compiles a checked policy set. `sources` are the texts, for lines and columns. */
export function compileProgram(checked: CheckedPolicySet, sources: readonly SourceFile[]): Program {
  const names = findProgramSources(checked)
  const unit = createLoweringUnit(checked, createPlaces(sources, names))
  const roles = compileRoles(checked, unit)
  const cells = toCells(checked.schema)
  return {
    format: PROGRAM_FORMAT,
    formatVersion: PROGRAM_FORMAT_VERSION,
    policyVersion: computePolicyVersion(checked.files),
    sources: names,
    schema: checked.schema,
    roles,
    roleGraph: sortRoleGraph(checked.roleGraph),
    assignments: compileAssignments(checked.assignments, unit),
    cells,
    rules: buildRuleTable(compileAllRules(checked, unit, cells), { roles, cellCount: cells.length }),
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

/** Compiled one at a time, as they are asked for: a rule as a tree is large. */
function* compileAllRules(
  checked: CheckedPolicySet,
  unit: LoweringUnit,
  cells: readonly ProgramCell[],
): Generator<PlacedRule> {
  const ids = assignGrantIds(checked.grants)
  const rules = checked.rules.map((rule) => ({
    id: rule.rule.name.name,
    pairs: rule.pairs,
    compile: () => compileRule(rule, unit),
  }))
  const grants = checked.grants.map((grant) => {
    const id = ids.get(grant.grant) ?? grant.role
    return { id, pairs: grant.pairs, compile: () => compileGrant(grant, id, checked, unit) }
  })
  const cellsOf = createCellFinder(cells)
  const sorted = [...rules, ...grants].sort((a, b) => compareCodePoints(a.id, b.id))
  for (const { pairs, compile } of sorted) yield { rule: compile(), cells: cellsOf(pairs) }
}

function createCellFinder(
  cells: readonly ProgramCell[],
): (pairs: Applicability['pairs']) => readonly number[] {
  const indices = new Map<string, Map<string, number>>()
  cells.forEach(({ resourceType, action }, index) => {
    const actions = indices.get(resourceType) ?? new Map<string, number>()
    indices.set(resourceType, actions.set(action, index))
  })
  return (pairs) =>
    pairs
      .flatMap(({ resourceType, action }) => indices.get(resourceType)?.get(action) ?? [])
      .sort((a, b) => a - b)
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
