// Who holds which role on what (docs/language.md, "Roles"): assignments, conditions, extension, inheritance.
import { describeEntity } from '../model/describe-entity.ts'
import type { ScopeRecord, TargetRecord } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'
import type { EntityRef, Value } from '../model/values.ts'
import type { ProgramRole } from '../program/program.ts'
import { type Assignment, isToHolders } from './assignment-index.ts'
import type { FindAssignments } from './assignments.ts'
import { judge } from './evaluate-code.ts'
import { liesIn } from './membership.ts'
import type { Failure, Outcome } from './result.ts'
import { allOf, anyOf, failure } from './result.ts'
import { createRoleSolver } from './role-solver.ts'
import type { RoleInstance, RoleParameters, Roles, Session } from './session.ts'

const NO_PARAMETERS: RoleParameters = new Map()
const NO_VARIABLES: ReadonlyMap<string, Value> = new Map()

/** @param session asked for only while a role is judged, when it is complete */
export function createRoles(session: () => Session, find: FindAssignments): Roles {
  const solver = createRoleSolver((goal) => judgeHolding(session(), find, goal.role, goal.entity))
  return {
    holds: (role, entity, isNegative) => solver.holds({ role, entity }, isNegative),
    instances: (role, entity) => findInstances(session(), find, role, entity),
  }
}

/** One application of the definition of holding: four ways, any of them. */
function judgeHolding(session: Session, find: FindAssignments, name: string, entity: EntityRef): Outcome {
  const linked = session.linked.roles.get(name)
  if (linked === undefined) return failure(`there is no role \`${name}\``)
  session.meter.step()
  const holds = (role: string, on: EntityRef): Outcome => session.roles.holds(role, on, false)
  const ways: readonly (() => Outcome)[] = [
    () =>
      anyOf(assignmentsAt(find, linked.role, entity), (one) => judgeAssignment(session, linked.role, one)),
    () =>
      anyOf(linked.conditionsOn(entity.type), ({ code }) =>
        judge(code, { resource: entity, parameters: NO_PARAMETERS, variables: NO_VARIABLES }, session),
      ),
    () => anyOf(linked.extendedBy, (extender) => holds(extender, entity)),
    () => (linked.role.isInherited ? judgeInherited(session, name, entity) : false),
  ]
  return anyOf(ways, (way) => way())
}

function judgeInherited(session: Session, role: string, entity: EntityRef): Outcome {
  const parents = session.facts.parents(entity)
  if (parents === undefined) return unknownParents(entity)
  return anyOf(parents, (parent) => session.roles.holds(role, parent, false))
}

/** Assignments of the role on the entity itself, on its type, on everything. */
export function assignmentsAt(
  find: FindAssignments,
  role: ProgramRole,
  { type, id }: EntityRef,
): readonly Assignment[] {
  const scopes: readonly ScopeRecord[] = [{ type, id }, { type }, '*']
  return scopes.flatMap((scope) => find(scope, role))
}

/** Whether an assignment counts: it names the subject, has not ended, and the role's `when` is true. */
export function judgeAssignment(session: Session, role: ProgramRole, assignment: Assignment): Outcome {
  session.meter.step()
  const parts: readonly (() => Outcome)[] = [
    () => judgeTarget(session, assignment.to),
    () => judgeExpiry(session, assignment.expires),
    () => ('kind' in assignment.parameters ? assignment.parameters : true),
    () => {
      const scope = { resource: undefined, parameters: assignment.parameters, variables: NO_VARIABLES }
      return role.when === undefined || judge(role.when.code, scope, session)
    },
  ]
  return allOf(parts, (part) => part())
}

function judgeTarget(session: Session, to: TargetRecord): Outcome {
  const { subject, linked } = session
  if (to === '*') return true
  if (isToHolders(to)) {
    const isDeclared = linked.roles.has(to.role) && linked.types.has(to.on.type)
    return isDeclared && session.roles.holds(to.role, toReference(to.on.type, to.on.id), false)
  }
  if (!('id' in to)) return subject.type === to.type
  return liesIn(session, subject, toReference(to.type, to.id))
}

function judgeExpiry({ clock }: Session, expires: Assignment['expires']): Outcome {
  if (typeof expires !== 'number') return expires ?? true
  const now = clock.now()
  if (typeof now !== 'number') return now
  clock.flipsAt(expires)
  return now < expires
}

/**
 * The counting assignments of a role with parameters, each with its own: on the entity and, where the role is
 * inherited, on all above it. Where parents are unknown there may be more: one that fails stands for them.
 */
function findInstances(
  session: Session,
  find: FindAssignments,
  role: ProgramRole,
  entity: EntityRef,
): readonly RoleInstance[] {
  const { entities, unknown } = entitiesAbove(session, role, entity)
  const assignments = new Set(entities.flatMap((one) => assignmentsAt(find, role, one)))
  const instances = [...assignments].map((assignment) => ({
    outcome: judgeAssignment(session, role, assignment),
    parameters: assignment.parameters,
  }))
  const counting = instances.filter(({ outcome }) => outcome !== false)
  return unknown === undefined ? counting : [...counting, { outcome: unknown, parameters: unknown }]
}

function entitiesAbove(
  session: Session,
  role: ProgramRole,
  entity: EntityRef,
): { readonly entities: readonly EntityRef[]; readonly unknown: Failure | undefined } {
  const visited = new Map<string, EntityRef>()
  const pending = [entity]
  let unknown: Failure | undefined
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    const key = entityKey(current.type, current.id)
    if (visited.has(key)) continue
    visited.set(key, current)
    session.meter.step()
    if (!role.isInherited) break
    const parents = session.facts.parents(current)
    if (parents === undefined) unknown ??= unknownParents(current)
    else for (const parent of parents) pending.push(parent)
  }
  return { entities: [...visited.values()], unknown }
}

function unknownParents(entity: EntityRef): Failure {
  return failure(`parents of ${describeEntity(entity)} are not known`)
}

function toReference(type: string, id: string): EntityRef {
  return { kind: 'entity', type, id }
}
