import type { Assignment, AssignmentTarget } from '../ast/nodes.ts'
import { checkArguments, checkConstant } from './check-constant.ts'
import type { CheckState } from './check-state.ts'
import type { RoleReach } from './role-reach.ts'
import { DATETIME } from './type-relations.ts'

/** Assignments of policy text: what they name, and whether they can ever matter. */
export function checkAssignments(reach: ReadonlyMap<string, RoleReach>, state: CheckState): void {
  for (const assignment of state.declarations.assignments) {
    checkAssignment(assignment, state)
    checkIdle(assignment, reach, state)
  }
}

/** What holds for an assignment wherever it stands, also in the `given` of a test. */
export function checkAssignment(assignment: Assignment, state: CheckState): void {
  const { role, to, until } = assignment
  state.names.resolveAssignment(assignment)
  const parameters = state.tables.roles.get(role.name)
  if (parameters !== undefined) {
    const signature = {
      parameters,
      owner: `the role \`${role.name}\``,
      name: role,
      place: 'in an assignment',
    }
    checkArguments(assignment.arguments, signature, state)
  }
  if (until !== undefined)
    checkConstant(until, DATETIME, { what: '`until`', place: 'in an assignment' }, state)
  checkTarget(to, state)
}

/** Someone must be able to be, or to lie in, what a role is assigned to. */
function checkTarget(to: AssignmentTarget, { index, report }: CheckState): void {
  if (to.kind === 'anyone' || to.kind === 'holders' || !index.has(to.type.name)) return
  const type = to.type.name
  const isSubject = index.get(type)?.isSubject ?? false
  if (to.kind === 'anyOf') {
    if (isSubject) return
    report({
      code: 'impossible-assignment',
      span: to.span,
      message: `\`${type}\` is no subject type, so nobody is \`any ${type}\``,
      hint: `assign to a subject type, or to one group: \`${type}::"…"\``,
    })
    return
  }
  if (isSubject || [...index.below(type)].some((below) => index.get(below)?.isSubject)) return
  report({
    code: 'impossible-assignment',
    span: to.span,
    message: `no subject can be or lie in an entity of type \`${type}\`, so nobody gets this role`,
    hint: `declare it: \`subject … in ${type}\``,
  })
}

function checkIdle(
  { role, on, span }: Assignment,
  reach: ReadonlyMap<string, RoleReach>,
  { index, report }: CheckState,
): void {
  const reached = reach.get(role.name)
  if (reached === undefined || reached.isTested) return
  if (on === undefined) {
    if (reached.types.size > 0) return
    report({
      code: 'idle-assignment',
      span,
      message: `the role \`${role.name}\` grants nothing and is tested nowhere, so assigning it has no effect`,
      hint: `give it a grant: \`role ${role.name} { can … on … }\``,
    })
    return
  }
  const scope = on.type.name
  if (!index.has(scope)) return
  const counting = reached.isInherited ? index.below(scope) : new Set([scope])
  if ([...counting].some((type) => reached.types.has(type))) return
  report({
    code: 'idle-assignment',
    span: on.span,
    message: `the role \`${role.name}\` grants nothing on \`${scope}\`${reached.isInherited ? ' or below' : ''} and is tested nowhere, so this assignment has no effect`,
    hint: idleHint(role.name, scope, reached, index),
  })
}

function idleHint(role: string, scope: string, reached: RoleReach, index: CheckState['index']): string {
  const isBelow = !reached.isInherited && [...index.below(scope)].some((type) => reached.types.has(type))
  if (isBelow)
    return `declare it \`inherited role ${role}\`, so that it counts on what lies in a \`${scope}\``
  const types = [...reached.types].slice(0, 3)
  if (types.length === 0) return `give it a grant: \`role ${role} { can … on ${scope} }\``
  return `the role counts on ${types.map((type) => `\`${type}\``).join(', ')}`
}
