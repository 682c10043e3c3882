import { findNegativeCycle, type RoleDependency, type RoleNode } from '../model/role-graph.ts'
import type { Program } from '../program/program.ts'
import type { ProblemSink } from './data-problem.ts'
import type { ReadAssignment } from './read-assignment.ts'

/** Refuses an assignment to the holders of a role by which a role would rest on its own negation. */
export function refuseRoleCycles(
  program: Program,
  assignments: readonly ReadAssignment[],
  sink: ProblemSink,
): void {
  const types = program.schema.entityTypes.map(({ name }) => name)
  const edges = assignments.flatMap((assignment) =>
    toDependencies(assignment, types).map((dependency) => ({ assignment, dependency })),
  )
  const cycle = findNegativeCycle(
    program.roleGraph,
    edges.map(({ dependency }) => dependency),
  )
  if (cycle === undefined) return
  const closing = edges.find(({ dependency }) => cycle.some((edge) => isSame(edge, dependency)))
  const place = closing?.assignment.place
  if (place === undefined) return
  const steps = cycle.map(({ from, isNegative }) => `${describe(from)}${isNegative ? ' → not' : ' →'}`)
  const message = `a role would rest on its own negation: ${steps.join(' ')} ${describe(cycle[0]?.from)}`
  sink.problem(place, message, 'assign the role to entities instead of the holders of another')
}

function toDependencies(
  { record: { role, to, on } }: ReadAssignment,
  types: readonly string[],
): readonly RoleDependency[] {
  if (to === '*' || !('role' in to)) return []
  const target = { role: to.role, type: to.on.type }
  const scopes = on === '*' ? types : [on.type]
  return scopes.map((type) => ({ from: { role, type }, to: target, isNegative: false }))
}

function isSame(a: RoleDependency, b: RoleDependency): boolean {
  const equal = (x: RoleNode, y: RoleNode): boolean => x.role === y.role && x.type === y.type
  return a.isNegative === b.isNegative && equal(a.from, b.from) && equal(a.to, b.to)
}

function describe(node: RoleNode | undefined): string {
  return node === undefined ? '' : `\`${node.role}\` on \`${node.type}\``
}
