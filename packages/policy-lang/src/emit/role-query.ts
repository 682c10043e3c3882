// Which of some roles the subject holds on an entity: made ready once, asked of assignments, of conditions and of
// what lies above. Roles that rest on themselves through `hasRole` are the reference's to solve.
import type { LinkedProgram } from '../evaluate/link.ts'
import type { JsonObject } from '../model/request.ts'
import { childrenOf } from '../program/code-children.ts'
import type { Code } from '../program/program.ts'
import {
  type Grants,
  type GrantTable,
  type RoleSite,
  type SubjectGrants,
  UNDECLARED,
} from './assignment-view.ts'
import type { Emitted } from './compile-js.ts'
import { FAILED, FALSE, type FastOutcome, LEAVE, TRUE } from './outcome.ts'
import { charge, NOTHING_SENT, noteFlip, type Run, readAbove, readInstant } from './run.ts'

/** Decides for an entity by its id. */
export type EntityTest = Emitted<
  (
    run: Run,
    sp: JsonObject,
    rp: JsonObject,
    cx: JsonObject,
    sid: string,
    rid: string,
    k: readonly unknown[],
  ) => FastOutcome
>

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
  /** The same by index, -1 where a role does not count; only where a policy set has few roles. */
  readonly list: readonly number[] | undefined
  readonly size: number
}

/** How each role counts, by name. */
export type RoleSites = ReadonlyMap<string, RoleSite>

/** Roles of a Program as an index asks for them. */
export interface RoleIndex {
  readonly sites: RoleSites
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
  const { here } = query
  const sent = findRole(run.sentRoles, run.sentCount, here)
  if (sent >= 0) return sent
  const grants = grantsOfSubject(run)
  const { tables } = grants
  for (let index = 0; index < tables.length; index += 1) {
    const tag = findInTable(run, tables[index] as GrantTable, here, type, id)
    if (tag >= 0) return tag
  }
  const tag = query.above.size === 0 ? -1 : findAbove(run, query, grants, type, id)
  // Groups that are not known, and holders of a role, could still give it: the reference looks.
  if (tag < 0 && (grants.isOpen || mayBeToHolders(run, here))) throw LEAVE
  return tag
}

function grantsOfSubject(run: Run): SubjectGrants {
  if (run.grants !== undefined) return run.grants
  const { subject, assignments } = run
  const { type, id } = subject
  run.isTouched = true
  run.grants = run.hasSentParents
    ? assignments.grantsBelow(type, id, readAbove(run, type, id))
    : assignments.grantsOf(type, id)
  return run.grants
}

function mayBeToHolders({ assignments: { toHolders } }: Run, tags: RoleTags): boolean {
  if (toHolders === undefined) return true
  for (let index = 0; index < toHolders.length; index += 1) {
    const role = toHolders[index] as number
    if (role === UNDECLARED || tags.roles.has(role)) return true
  }
  return false
}

/** By what is assigned on the entity, on its type, and everywhere. */
function findInTable(run: Run, table: GrantTable, tags: RoleTags, type: string, id: string): number {
  const tag = pickEverywhere(run, table, tags)
  if (tag >= 0) return tag
  const onType = table.onTypes.size === 0 ? undefined : table.onTypes.get(type)
  const byType = onType === undefined ? -1 : pick(run, onType, tags)
  if (byType >= 0) return byType
  const onEntity = table.onEntities.size === 0 ? undefined : table.onEntities.get(type)?.get(id)
  return onEntity === undefined ? -1 : pick(run, onEntity, tags)
}

/** With more roles than this, what they come to for a question is remembered. */
const MANY_ROLES = 3
const MAX_REMEMBERED_QUESTIONS = 1024

function pickEverywhere(run: Run, { everywhere, known }: GrantTable, tags: RoleTags): number {
  const { roles, timed, conditional } = everywhere
  const isQuick = tags.list !== undefined || roles.length <= MANY_ROLES
  if (isQuick || timed.length + conditional.length > 0) return pick(run, everywhere, tags)
  const remembered = known.get(tags)
  if (remembered !== undefined) return remembered
  const tag = findRole(roles, roles.length, tags)
  if (known.size < MAX_REMEMBERED_QUESTIONS) known.set(tags, tag)
  return tag
}

function findRole(roles: readonly number[], count: number, tags: RoleTags): number {
  const { list } = tags
  if (list !== undefined) {
    for (let index = 0; index < count; index += 1) {
      const tag = list[roles[index] as number] as number
      if (tag >= 0) return tag
    }
    return -1
  }
  for (let index = 0; index < count; index += 1) {
    const tag = tags.roles.get(roles[index] as number)
    if (tag !== undefined) return tag
  }
  return -1
}

function pick(run: Run, { roles, timed, conditional }: Grants, tags: RoleTags): number {
  const found = findRole(roles, roles.length, tags)
  if (found >= 0) return found
  if (timed.length > 0) {
    const tag = pickTimed(run, timed, tags)
    if (tag >= 0) return tag
  }
  for (let index = 0; index < conditional.length; index += 1) {
    const role = conditional[index] as number
    if (role === UNDECLARED || tags.roles.has(role)) throw LEAVE
  }
  return -1
}

function pickTimed(run: Run, timed: Grants['timed'], tags: RoleTags): number {
  for (const { role, until } of timed) {
    const tag = tags.roles.get(role)
    if (tag === undefined) continue
    const now = readInstant(run)
    noteFlip(run, until)
    if (now < until) return tag
  }
  return -1
}

function findAbove(run: Run, query: RoleQuery, grants: SubjectGrants, type: string, id: string): number {
  const above = readAbove(run, type, id)
  let isFailed = above.unknown.length > 0
  for (const [groupType, ids] of above.byType) {
    for (const table of grants.tables) {
      const tag = findOnAny(run, table, query.above, groupType, ids)
      if (tag >= 0) return tag
    }
    for (const test of query.testsAbove(groupType)) {
      for (const groupId of ids) {
        charge(run, 1)
        const outcome = askTest(run, test, groupId)
        if (outcome === TRUE) return 0
        if (outcome === FAILED) isFailed = true
      }
    }
  }
  return isFailed ? -2 : -1
}

/** By what is assigned on any of the entities, or on their type. What counts everywhere was looked at before. */
function findOnAny(
  run: Run,
  { onTypes, onEntities }: GrantTable,
  tags: RoleTags,
  type: string,
  ids: ReadonlySet<string>,
): number {
  const onType = onTypes.size === 0 ? undefined : onTypes.get(type)
  const byType = onType === undefined ? -1 : pick(run, onType, tags)
  if (byType >= 0) return byType
  const ofType = onEntities.size === 0 ? undefined : onEntities.get(type)
  if (ofType === undefined) return -1
  charge(run, 1 + (Math.min(ids.size, ofType.size) >> 2))
  if (ids.size <= ofType.size) {
    for (const id of ids) {
      const grants = ofType.get(id)
      const tag = grants === undefined ? -1 : pick(run, grants, tags)
      if (tag >= 0) return tag
    }
    return -1
  }
  for (const [id, grants] of ofType) {
    const tag = ids.has(id) ? pick(run, grants, tags) : -1
    if (tag >= 0) return tag
  }
  return -1
}

function askTest(run: Run, test: EntityTest, id: string): FastOutcome {
  const { subject, context } = run
  return test.code(run, subject.properties ?? NOTHING_SENT, NOTHING_SENT, context, subject.id, id, test.k)
}

/** `findHeld` for one role, or any of several: true, false or failed. */
export function toOutcome(tag: number): FastOutcome {
  if (tag >= 0) return TRUE
  return tag === -1 ? FALSE : FAILED
}
