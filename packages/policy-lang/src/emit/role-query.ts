// Which of some roles the subject holds on an entity: made ready once, asked of assignments, of conditions and of
// what lies above. Roles that rest on themselves through `hasRole` are the reference's to solve.
import type { LinkedProgram } from '../evaluate/link.ts'
import type { JsonObject } from '../model/request.ts'
import { childrenOf } from '../program/code-children.ts'
import type { Code } from '../program/program.ts'
import { type RoleSite, type ScopeTable, UNDECLARED } from './assignment-view.ts'
import { mayReach } from './operations.ts'
import { either, FAILED, FALSE, type FastOutcome, LEAVE, TRUE } from './outcome.ts'
import { charge, type Run, readAbove } from './run.ts'

/** Decides for an entity by its id. */
export type EntityTest = (
  run: Run,
  sp: JsonObject,
  rp: JsonObject,
  cx: JsonObject,
  sid: string,
  rid: string,
) => FastOutcome

/** A question for roles, each with a tag: the index of the rule that it makes apply. */
export interface RoleQuery {
  /** Tags of roles that give an asked one where they are held on the entity itself. */
  readonly here: RoleTags
  /** The same, where they are held on something above. */
  readonly above: RoleTags
  /** By type: conditions of roles that count on an entity above. */
  readonly testsAbove: (type: string) => readonly EntityTest[]
}

/** From the index of a role to its tag; -1 for a role that does not count. */
export interface RoleTags {
  readonly roles: ReadonlyMap<number, number>
  readonly size: number
}

/** Roles of a Program as an index asks for them. */
export interface RoleIndex {
  readonly sites: ReadonlyMap<string, RoleSite>
  readonly names: readonly string[]
  /** The role and all that extend it, however far. */
  readonly givers: (role: string) => readonly string[]
  /** Whether who holds it can depend on itself through `hasRole`, so that it takes a fixpoint. */
  readonly isRecursive: (role: string) => boolean
}

export function createRoleIndex(linked: LinkedProgram): RoleIndex {
  const names = linked.program.roles.map(({ name }) => name)
  const sites = new Map(
    linked.program.roles.map(({ name, when, parameters }, index): [string, RoleSite] => [
      name,
      { index, isConditional: when !== undefined || parameters.length > 0 },
    ]),
  )
  const reached = new Map<string, readonly string[]>()
  const givers = (role: string): readonly string[] => {
    const known = reached.get(role) ?? reach([role], (name) => linked.roles.get(name)?.extendedBy ?? [])
    reached.set(role, known)
    return known
  }
  const recursive = new Map<string, boolean>()
  const isRecursive = (role: string): boolean => {
    const known = recursive.get(role) ?? findRecursion(role, linked, givers)
    recursive.set(role, known)
    return known
  }
  return { sites, names, givers, isRecursive }
}

function reach(from: readonly string[], next: (name: string) => readonly string[]): readonly string[] {
  const found = new Set(from)
  for (const name of found) for (const other of next(name)) found.add(other)
  return [...found]
}

/** Whether asking for the role can lead back to some role on the way. */
function findRecursion(
  role: string,
  linked: LinkedProgram,
  givers: (role: string) => readonly string[],
): boolean {
  const asks = (name: string): readonly string[] => askedRoles(name, linked)
  const onTheWay = reach(givers(role), (name) => asks(name).flatMap(givers))
  return onTheWay.some((name) =>
    reach(asks(name).flatMap(givers), (other) => asks(other).flatMap(givers)).includes(name),
  )
}

/** Roles that conditions and the `when` of a role ask for. */
function askedRoles(name: string, linked: LinkedProgram): readonly string[] {
  const role = linked.roles.get(name)?.role
  if (role === undefined) return []
  const codes = [
    ...role.conditions.map(({ condition }) => condition.code),
    ...(role.when ? [role.when.code] : []),
  ]
  return [...new Set(codes.flatMap(rolesIn))]
}

function rolesIn(code: Code): readonly string[] {
  const inside = childrenOf(code).flatMap(rolesIn)
  return code.op === 'hasRole' ? [code.role, ...inside] : inside
}

/** Roles of `givers` that are inherited, and all that give one of these: what counts above an entity. */
export function giversAbove(role: string, linked: LinkedProgram, index: RoleIndex): readonly string[] {
  const inherited = index.givers(role).filter((name) => linked.roles.get(name)?.role.isInherited === true)
  return [...new Set(inherited.flatMap((name) => index.givers(name)))]
}

/**
 * The tag of a role by which the question is true on that entity: by assignments there, and by assignments and
 * conditions above. Conditions on the entity itself are the caller's. -1: none; -2: failed.
 */
export function findHeld(run: Run, query: RoleQuery, type: string, id: string): number {
  const tag = findAssigned(run, query.here, type, id)
  if (tag >= 0 || query.above.size === 0) return tag
  return findAbove(run, query, type, id)
}

function findAbove(run: Run, query: RoleQuery, type: string, id: string): number {
  const above = readAbove(run, type, id)
  let isFailed = above.unknown.length > 0
  for (const [groupType, ids] of above.byType) {
    const tests = query.testsAbove(groupType)
    for (const groupId of ids) {
      charge(run, 1)
      const tag = findAssigned(run, query.above, groupType, groupId)
      if (tag >= 0) return tag
      let outcome: FastOutcome = FALSE
      for (const test of tests) outcome = either(outcome, askTest(run, test, groupId))
      if (outcome === TRUE) return 0
      if (outcome === FAILED) isFailed = true
    }
  }
  return isFailed ? -2 : -1
}

function askTest(run: Run, test: EntityTest, id: string): FastOutcome {
  return test(run, run.subjectProperties, run.resourceProperties, run.context, run.subjectId, id)
}

/** By assignments on exactly this entity, on its type, or on everything. */
function findAssigned(run: Run, tags: RoleTags, type: string, id: string): number {
  const { assignments, sentRoles } = run
  for (const role of sentRoles) {
    const tag = tags.roles.get(role)
    if (tag !== undefined) return tag
  }
  let tag = findInTable(run, assignments.everywhere, tags)
  if (tag >= 0) return tag
  tag = findInTable(run, assignments.onType(type), tags)
  if (tag >= 0 || !assignments.mayBeOnEntity(type)) return tag
  return findInTable(run, assignments.onEntity(type, id), tags)
}

function findInTable(run: Run, table: ScopeTable, tags: RoleTags): number {
  if (table.isEmpty) return -1
  const tag = pick(table.toEntities.get(run.subjectType)?.get(run.subjectId), tags)
  if (tag >= 0) return tag
  const byType = pick(table.toTypes.get(run.subjectType), tags)
  if (byType >= 0) return byType
  const byAnyone = pick(table.toAnyone, tags)
  if (byAnyone >= 0) return byAnyone
  const byGroup = findByGroup(run, table, tags)
  if (byGroup >= 0) return byGroup
  // What only the reference can judge matters where nothing plainer gives the role.
  for (const role of table.conditional) if (role === UNDECLARED || tags.roles.has(role)) throw LEAVE
  return -1
}

function findByGroup(run: Run, table: ScopeTable, tags: RoleTags): number {
  const reachable = run.ancestorTypes.get(run.subjectType)
  if (reachable === undefined || reachable.size === 0) return -1
  for (const [groupType, ofType] of table.toEntities) {
    if (!reachable.has(groupType)) continue
    const above = readAbove(run, run.subjectType, run.subjectId)
    // Whether an unknown group is one of these: the reference tells.
    if (mayReach(run, above.unknown, groupType)) throw LEAVE
    const ids = above.byType.get(groupType)
    if (ids === undefined) continue
    const tag = ids.size < ofType.size ? findById(ids, ofType, tags) : findByRow(ofType, ids, tags)
    charge(run, Math.min(ids.size, ofType.size) >> 2)
    if (tag >= 0) return tag
  }
  return -1
}

function findById(
  ids: ReadonlySet<string>,
  rows: ReadonlyMap<string, readonly number[]>,
  tags: RoleTags,
): number {
  for (const id of ids) {
    const tag = pick(rows.get(id), tags)
    if (tag >= 0) return tag
  }
  return -1
}

function findByRow(
  rows: ReadonlyMap<string, readonly number[]>,
  ids: ReadonlySet<string>,
  tags: RoleTags,
): number {
  for (const [id, roles] of rows) {
    const tag = pick(roles, tags)
    if (tag >= 0 && ids.has(id)) return tag
  }
  return -1
}

function pick(roles: readonly number[] | undefined, tags: RoleTags): number {
  if (roles === undefined) return -1
  for (const role of roles) {
    const tag = tags.roles.get(role)
    if (tag !== undefined) return tag
  }
  return -1
}

/** `findHeld` for one role, or any of several: true, false or failed. */
export function toOutcome(tag: number): FastOutcome {
  if (tag >= 0) return TRUE
  return tag === -1 ? FALSE : FAILED
}
