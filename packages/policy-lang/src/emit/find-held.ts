// Whether the subject holds a role on an entity, by assignments and by what lies above. What a subject's assignments
// come to is found once for each question; from then on it is only looked up.
import {
  type Grants,
  type GrantTable,
  type SettledRoles,
  type SubjectGrants,
  UNDECLARED,
} from './assignment-view.ts'
import { FAILED, FALSE, type FastOutcome, LEAVE, TRUE } from './outcome.ts'
import type { EntityTest, RoleQuery, RoleQuestion, RoleTags } from './role-query.ts'
import { charge, NOTHING_SENT, noteFlip, type Run, readAbove, readInstant } from './run.ts'

/**
 * The tag of a role by which the question is true on that entity: by assignments there, and by assignments and
 * conditions above. Conditions on the entity itself are the caller's. -1: none; -2: failed.
 */
export function findHeld(run: Run, question: RoleQuestion, id: string): number {
  if (run.sentCount > 0) {
    const sent = findRole(run.sentRoles, run.sentCount, question.query.here)
    if (sent >= 0) return sent
  }
  const grants = run.grants ?? grantsOfSubject(run)
  const { few } = grants
  // What the request tells of is asked once.
  if (few === undefined) return searchHeld(run, question, grants, id)
  const { index } = question
  const known = index < few.length ? few[index] : grants.many.get(index)
  const settled = known ?? settle(run, question, grants)
  return settled.isSearched ? searchHeld(run, question, grants, id) : lookUp(run, question, settled, id)
}

function lookUp(run: Run, question: RoleQuestion, settled: SettledRoles, id: string): number {
  if (settled.tag >= 0) return settled.tag
  const tag = settled.onEntities?.get(id) ?? -1
  if (tag >= 0) return tag
  const above = question.typesAbove.length === 0 ? -1 : lookUpAbove(run, question, settled, id)
  if (above < 0 && settled.isOpen) throw LEAVE
  return above
}

function lookUpAbove(
  run: Run,
  { type }: RoleQuestion,
  { placesAbove, tagsAbove }: SettledRoles,
  id: string,
): number {
  const above = readAbove(run, type, id)
  if (placesAbove.length > 0 && above.size > 0) {
    const { list, set } = above.places ?? run.entities.placesOf(above)
    if (placesAbove.length <= list.length) {
      for (let index = 0; index < placesAbove.length; index += 1) {
        const place = placesAbove[index] as number
        if (set.has(place)) return tagsAbove.get(place) as number
      }
    } else {
      for (let index = 0; index < list.length; index += 1) {
        const tag = tagsAbove.get(list[index] as number)
        if (tag !== undefined) return tag
      }
    }
  }
  return above.unknown.length > 0 ? -2 : -1
}

/** Settled, or to be searched for each time. */
function settle(run: Run, question: RoleQuestion, grants: SubjectGrants): SettledRoles {
  const settled = settleRoles(run, question, grants)
  const { index } = question
  const { few, many } = grants
  if (few !== undefined && index < few.length) few[index] = settled
  // A policy set has so many questions as it has; each is kept for as many subjects as are remembered.
  else if (many.size < MAX_REMEMBERED_QUESTIONS) many.set(index, settled)
  return settled
}

/** With more entities than this that a subject holds some role on, they are looked up where they stand. */
const MAX_SETTLED_ROWS = 1024
const MAX_REMEMBERED_QUESTIONS = 1024

function settleRoles(
  run: Run,
  { query, type, typesAbove }: RoleQuestion,
  grants: SubjectGrants,
): SettledRoles {
  const { here, above } = query
  if (countEntities(grants, [type, ...typesAbove]) > MAX_SETTLED_ROWS) return SEARCHED
  const rows = grants.tables.flatMap((table) => [
    ...rowsFor(table.everywhere, here),
    ...rowsFor(table.onTypes.get(type), here),
  ])
  const onEntities = grants.tables.flatMap((table) => rowsOnEntities(table, type, here))
  const onEntitiesAbove = typesAbove.flatMap((typeAbove) =>
    grants.tables.flatMap((table) =>
      rowsOnEntities(table, typeAbove, above).map((row) => ({
        ...row,
        place: run.entities.placeOf(typeAbove, row.id),
      })),
    ),
  )
  const isSearched =
    [...rows, ...onEntities, ...onEntitiesAbove].some(({ tag }) => tag === undefined) ||
    typesAbove.some(
      (typeAbove) =>
        query.testsAbove(typeAbove).length > 0 ||
        grants.tables.some((table) => rowsFor(table.onTypes.get(typeAbove), above).length > 0),
    )
  if (isSearched) return SEARCHED
  const tag = rows[0]?.tag ?? -1
  const isOpen = grants.isOpen || mayBeToHolders(run, here)
  if (onEntities.length + onEntitiesAbove.length === 0) return shareSettled(tag, isOpen)
  return {
    isSearched,
    tag,
    onEntities:
      onEntities.length === 0
        ? undefined
        : new Map(onEntities.toReversed().map(({ id, tag = -1 }) => [id, tag])),
    placesAbove: [...new Set(onEntitiesAbove.map(({ place }) => place))],
    tagsAbove: new Map(onEntitiesAbove.toReversed().map(({ place, tag = -1 }) => [place, tag])),
    isOpen,
  }
}

/** Entities of these types that something is assigned on. */
function countEntities({ tables }: SubjectGrants, types: readonly string[]): number {
  let count = 0
  for (const { onEntities } of tables) for (const type of types) count += onEntities.get(type)?.size ?? 0
  return count
}

const MAX_SHARED = 4096
const shared = new Map<string, SettledRoles>()

/** Most questions come to as little as this for most subjects: they share it. */
function shareSettled(tag: number, isOpen: boolean): SettledRoles {
  const key = `${tag} ${isOpen}`
  const known = shared.get(key) ?? { ...SEARCHED, isSearched: false, tag, isOpen }
  if (shared.size < MAX_SHARED) shared.set(key, known)
  return known
}

const SEARCHED: SettledRoles = {
  isSearched: true,
  tag: -1,
  onEntities: undefined,
  placesAbove: [],
  tagsAbove: new Map(),
  isOpen: true,
}

/** What grants come to: at most one row, whose tag is left out where it takes more than a look at the role. */
function rowsFor(
  grants: Grants | undefined,
  tags: RoleTags,
): readonly { readonly tag: number | undefined }[] {
  if (grants === undefined) return []
  const { roles, timed, conditional } = grants
  const mayCount = (role: number): boolean => role === UNDECLARED || tags.roles.has(role)
  if (timed.some(({ role }) => mayCount(role)) || conditional.some(mayCount)) return [{ tag: undefined }]
  const tag = findRole(roles, roles.length, tags)
  return tag < 0 ? [] : [{ tag }]
}

function rowsOnEntities(
  { onEntities }: GrantTable,
  type: string,
  tags: RoleTags,
): readonly { readonly id: string; readonly tag: number | undefined }[] {
  return [...(onEntities.get(type) ?? [])].flatMap(([id, grants]) =>
    rowsFor(grants, tags).map(({ tag }) => ({ id, tag })),
  )
}

/** The same without a memory, for what cannot be told once and for all. */
function searchHeld(run: Run, question: RoleQuestion, grants: SubjectGrants, id: string): number {
  const { query, type } = question
  const { here } = query
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
  const tag = pick(run, table.everywhere, tags)
  if (tag >= 0) return tag
  const onType = table.onTypes.size === 0 ? undefined : table.onTypes.get(type)
  const byType = onType === undefined ? -1 : pick(run, onType, tags)
  if (byType >= 0) return byType
  const onEntity = table.onEntities.size === 0 ? undefined : table.onEntities.get(type)?.get(id)
  return onEntity === undefined ? -1 : pick(run, onEntity, tags)
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
