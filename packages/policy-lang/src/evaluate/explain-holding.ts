import type { RoleHolding, RoleStep } from '../model/answer.ts'
import { formatDatetime } from '../model/datetime.ts'
import { describeEntity } from '../model/describe-entity.ts'
import type { ScopeRecord, TargetRecord } from '../model/entity-data.ts'
import type { EntityRef } from '../model/values.ts'
import { type Assignment, isToHolders } from './assignment-index.ts'
import type { FindAssignments } from './assignments.ts'
import { judge } from './evaluate-code.ts'
import type { LinkedRole } from './link.ts'
import { goalKey, type RoleGoal } from './role-solver.ts'
import { assignmentsAt, judgeAssignment } from './roles.ts'
import type { Session } from './session.ts'
import { toLocation } from './to-location.ts'

/** A goal on the way, and the steps that led to it. */
interface Stop {
  readonly goal: RoleGoal
  readonly came: { readonly from: Stop; readonly step: RoleStep } | undefined
}

/** One way, as short as any, by which the subject holds the role; `undefined` where it does not. */
export function explainHolding(
  session: Session,
  find: FindAssignments,
  goal: RoleGoal,
): RoleHolding | undefined {
  if (session.roles.holds(goal.role, goal.entity, true) !== true) return undefined
  const visited = new Set<string>()
  let round: readonly Stop[] = [{ goal, came: undefined }]
  while (round.length > 0) {
    const next: Stop[] = []
    for (const stop of round) {
      const key = goalKey(stop.goal)
      const linked = session.linked.roles.get(stop.goal.role)
      if (visited.has(key) || linked === undefined) continue
      visited.add(key)
      session.meter.step()
      const ground = groundOf(session, find, stop.goal, linked)
      if (ground !== undefined) return toHolding(goal, stop, ground)
      next.push(...stopsAfter(session, find, stop, linked))
    }
    round = next
  }
  return undefined
}

/** What gives the role without resting on another: an assignment to the subject, or a condition. */
function groundOf(
  session: Session,
  find: FindAssignments,
  { role, entity }: RoleGoal,
  linked: LinkedRole,
): RoleStep | undefined {
  const assignment = countingAssignments(session, find, entity, linked).find(({ to }) => !isToHolders(to))
  if (assignment !== undefined) return toStep(session, assignment)
  const scope = { resource: entity, parameters: new Map(), variables: new Map() }
  const condition = linked.conditionsOn(entity.type).find(({ code }) => judge(code, scope, session) === true)
  return (
    condition && {
      kind: 'condition',
      text: `role ${role} of ${entity.type} if ${condition.text}`,
      location: toLocation(condition.at, session.linked.program),
    }
  )
}

function stopsAfter(
  session: Session,
  find: FindAssignments,
  from: Stop,
  linked: LinkedRole,
): readonly Stop[] {
  const { role, entity } = from.goal
  const { program, roles } = session.linked
  const held = (goal: RoleGoal, step: RoleStep): readonly Stop[] =>
    session.roles.holds(goal.role, goal.entity, true) === true ? [{ goal, came: { from, step } }] : []
  const extenders = linked.extendedBy.flatMap((extender) => {
    const at = roles.get(extender)?.role.at
    const location = at && { location: toLocation(at, program) }
    return held(
      { role: extender, entity },
      { kind: 'extends', text: `${extender} extends ${role}`, ...location },
    )
  })
  const above = linked.role.isInherited ? (session.facts.parents(entity) ?? []) : []
  const inherited = above.flatMap((parent) =>
    held({ role, entity: parent }, { kind: 'inherited', text: `inherited from ${describeEntity(parent)}` }),
  )
  const holders = countingAssignments(session, find, entity, linked).flatMap((assignment) => {
    const { to } = assignment
    if (!isToHolders(to)) return []
    const on: EntityRef = { kind: 'entity', type: to.on.type, id: to.on.id }
    return held({ role: to.role, entity: on }, toStep(session, assignment))
  })
  return [...holders, ...extenders, ...inherited]
}

function countingAssignments(
  session: Session,
  find: FindAssignments,
  entity: EntityRef,
  { role }: LinkedRole,
): readonly Assignment[] {
  return assignmentsAt(find, role, entity).filter((one) => judgeAssignment(session, role, one) === true)
}

function toStep(session: Session, { to, on, expires, source, at }: Assignment): RoleStep {
  const until = typeof expires === 'number' ? ` until ${formatDatetime(expires)}` : ''
  const origin = { policy: '', data: ', in entity data', request: ', sent with the request' }[source]
  return {
    kind: 'assignment',
    text: `assigned to ${describeTarget(to)} on ${describeScope(on)}${until}${origin}`,
    ...(at !== undefined && { location: toLocation(at, session.linked.program) }),
  }
}

function describeTarget(to: TargetRecord): string {
  if (to === '*') return 'anyone'
  if (isToHolders(to)) return `${to.role} of ${describeScope(to.on)}`
  return 'id' in to ? describeScope(to) : `any ${to.type}`
}

function describeScope(on: ScopeRecord): string {
  if (on === '*') return 'everything'
  return 'id' in on ? describeEntity(on) : `any ${on.type}`
}

function toHolding(goal: RoleGoal, last: Stop, ground: RoleStep): RoleHolding {
  const steps = [ground]
  for (let stop = last; stop.came !== undefined; stop = stop.came.from) steps.push(stop.came.step)
  const { type, id } = goal.entity
  return { role: goal.role, on: { type, id }, because: steps.reverse() }
}
