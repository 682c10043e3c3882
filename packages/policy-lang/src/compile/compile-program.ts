// Checked policy set → Program.
// In: a policy set without errors and the texts it was read from. Out: plain data, the same for every order of
// files and declarations. It never judges a policy: what the checker let pass compiles.
import type { Applicability, CheckedGrant, CheckedPolicySet, CheckedRule } from '../check/checked.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import { compareCodePoints, sortTexts } from '../model/code-points.ts'
import type { RoleGraph } from '../model/role-graph.ts'
import { buildRuleTable, type PlacedRule } from '../program/build-rule-table.ts'
import { toCells } from '../program/cells.ts'
import { PROGRAM_FORMAT, PROGRAM_FORMAT_VERSION, type Program, type ProgramCell } from '../program/program.ts'
import { compileAssignments } from './compile-assignments.ts'
import { compileRoles } from './compile-roles.ts'
import { compileGrant, compileRule } from './compile-rules.ts'
import { createSampleCompiler } from './compile-samples.ts'
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
  const compileBySample = createSampleCompiler(unit)
  const ids = assignGrantIds(checked.grants)
  const byId = new Map<string, CheckedRule | CheckedGrant>()
  for (const rule of checked.rules) byId.set(nameOf(rule), rule)
  for (const grant of checked.grants) byId.set(ids.get(grant.grant) ?? grant.role, grant)
  const cellsOf = createCellFinder(cells)
  const sorted = sortTexts([...byId.keys()])
  for (let index = 0; index < sorted.length; index++) {
    const id = sorted[index] ?? ''
    const one = byId.get(id)
    if (one === undefined) continue
    const cellsOfOne = cellsOf(one.pairs)
    if ('grant' in one) yield { rule: compileGrant(one, id, checked, unit), cells: cellsOfOne }
    else if (one.repeats === undefined) yield { rule: compileRule(one, unit), cells: cellsOfOne }
    else yield { rule: compileBySample(one.repeats), cells: cellsOfOne }
  }
}

/** Without a node for the name of each of many rules. */
function nameOf({ rule, repeats }: CheckedRule): string {
  return repeats?.rule.values[0] ?? rule.name.name
}

function createCellFinder(
  cells: readonly ProgramCell[],
): (pairs: Applicability['pairs']) => readonly number[] {
  const indices = new Map<string, Map<string, number>>()
  cells.forEach(({ resourceType, action }, index) => {
    const actions = indices.get(resourceType) ?? new Map<string, number>()
    indices.set(resourceType, actions.set(action, index))
  })
  // Rules on the same pairs share one list of them, and then one list of cells.
  const memo = new Map<Applicability['pairs'], readonly number[]>()
  return (pairs) => {
    const known = memo.get(pairs)
    if (known !== undefined) return known
    const found = pairs
      .flatMap(({ resourceType, action }) => indices.get(resourceType)?.get(action) ?? [])
      .sort((a, b) => a - b)
    memo.set(pairs, found)
    return found
  }
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
