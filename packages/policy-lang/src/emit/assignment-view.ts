// Assignments as the fast form reads them: all that are to one subject, its groups, its type or everybody, by where
// they count. Rows that need more than a look-up are only named here: the reference judges them.
import { readExpiry } from '../evaluate/assignment-index.ts'
import type { AssignmentRecord, EntityStore, TargetRecord } from '../model/entity-data.ts'
import type { RoleSet } from './answers-by-role.ts'
import { type Above, createTypeCursor, type EntityView } from './entity-view.ts'
import type { FollowedChanges } from './follow-store.ts'

/** Roles given on one scope, by their index in the Program. */
export interface Grants {
  readonly roles: number[]
  /** Given until an instant. */
  readonly timed: { readonly role: number; readonly until: number }[]
  /** What such a row asks for, the reference finds out. */
  readonly conditional: number[]
}

/** What is assigned to some subjects. */
export interface GrantTable {
  readonly everywhere: Grants
  readonly onTypes: ReadonlyMap<string, Grants>
  readonly onEntities: ReadonlyMap<string, ReadonlyMap<string, Grants>>
  readonly isEmpty: boolean
}

/** What a subject's assignments come to for one question about roles. */
export interface SettledRoles {
  /** Nothing was settled: it takes the clock, a condition or many rows. */
  readonly isSearched: boolean
  /** By what counts on all entities of the type; -1: nothing does. */
  readonly tag: number
  /** By what is assigned on entities themselves. */
  readonly onEntities: ReadonlyMap<string, number> | undefined
  /** Entities that others may lie below, by their numbers in the view. */
  readonly placesAbove: readonly number[]
  readonly tagsAbove: ReadonlyMap<number, number>
  /** Where nothing is found, there may still be something that only the reference finds. */
  readonly isOpen: boolean
}

/** Tables that together say all that is assigned to a subject. */
export interface SubjectGrants {
  readonly tables: readonly GrantTable[]
  /** Its groups are not all known: what is assigned to one of them is the reference's to find. */
  readonly isOpen: boolean
  /** What the first questions came to, by their number; left out for a subject that is asked about once. */
  readonly few: (SettledRoles | undefined)[] | undefined
  /** What later questions came to. */
  readonly many: Map<number, SettledRoles>
  /** All that is assigned, where that is roles that count everywhere and always. */
  readonly roleSet: RoleSet | undefined
}

/** How a role counts. */
export interface RoleSite {
  readonly index: number
  /** It has parameters or a `when`: an assignment of it does not count by itself. */
  readonly isConditional: boolean
}

/** In place of a role that nobody declares: the reference reports the row. */
export const UNDECLARED = -1

export interface AssignmentView {
  readonly grantsOf: (type: string, id: string) => SubjectGrants
  /** The same for a subject whose groups the request tells. */
  readonly grantsBelow: (type: string, id: string, above: Above) => SubjectGrants
  /** Roles of assignments to the holders of a role; `undefined`: it may be any. */
  readonly toHolders: readonly number[] | undefined
  /** Goes on with a later store, of which only this is other than before. */
  readonly follow: (store: EntityStore, changes: FollowedChanges) => void
}

const NOTHING: Grants = { roles: [], timed: [], conditional: [] }
const EMPTY: GrantTable = {
  everywhere: NOTHING,
  onTypes: new Map(),
  onEntities: new Map(),
  isEmpty: true,
}

/** How many subjects are remembered, and rows that are written into more than one table. */
const MAX_REMEMBERED = 1_000_000
const MAX_MERGED_ROWS = 256

export interface AssignmentSources {
  readonly store: EntityStore
  readonly entities: EntityView
  readonly roles: ReadonlyMap<string, RoleSite>
  /** Assignments in policy text. */
  readonly written: (target: TargetRecord) => readonly AssignmentRecord[]
  readonly writtenToHolders: readonly string[]
  readonly setOf: (roles: readonly number[]) => RoleSet | undefined
}

export function createAssignmentView(sources: AssignmentSources): AssignmentView {
  const { entities, roles, written } = sources
  let { store } = sources
  const known = new Map<string, Map<string, SubjectGrants>>()
  const tables = new Map<string, Map<string, GrantTable>>()
  const shared = new Map<string, GrantTable>()
  const plain = { open: new Map<string, SubjectGrants>(), closed: new Map<string, SubjectGrants>() }
  const knownOf = createTypeCursor(known)
  const toHolders = findRolesToHolders(sources)
  let remembered = 0

  const rowsTo = (target: TargetRecord): readonly AssignmentRecord[] => {
    const stored = store.assignmentsTo(target)
    const inText = written(target)
    return inText.length === 0 ? stored : [...inText, ...stored]
  }

  /** What is assigned to everybody of the type, and to everybody. */
  function tableOfType(type: string): GrantTable {
    const found = shared.get(type) ?? buildTable([...rowsTo('*'), ...rowsTo({ type })], roles)
    shared.set(type, found)
    return found
  }

  function tableOfEntity(type: string, id: string): GrantTable {
    const found = tables.get(type)?.get(id)
    if (found !== undefined) return found
    const rows = rowsTo({ type, id })
    if (rows.length === 0) return EMPTY
    const table = buildTable(rows, roles)
    const ofType = tables.get(type) ?? new Map<string, GrantTable>()
    tables.set(type, ofType.set(id, table))
    return table
  }

  function grantsOf(type: string, id: string): SubjectGrants {
    return knownOf(type)?.get(id) ?? collect(type, id)
  }

  function collect(type: string, id: string): SubjectGrants {
    const above = entities.above(type, id)
    // Somebody of whom nothing is known is remembered by nobody: there may be any number of them.
    if (above.size === 0 && rowsTo({ type, id }).length === 0)
      return plainGrants(type, above.unknown.length > 0)
    const found = toKept(grantsBelow(type, id, above))
    remember(type, id, found)
    return found
  }

  function grantsBelow(type: string, id: string, above: Above): SubjectGrants {
    const groups = [...above.byType].flatMap(([groupType, ids]) =>
      [...ids].map((groupId) => ({ type: groupType, id: groupId })),
    )
    const lists = ['*' as const, { type }, { type, id }, ...groups].map(rowsTo)
    const isMerged = lists.reduce((sum, { length }) => sum + length, 0) <= MAX_MERGED_ROWS
    return {
      isOpen: above.unknown.length > 0,
      tables: (isMerged
        ? [buildTable(lists.flat(), roles)]
        : [
            tableOfType(type),
            tableOfEntity(type, id),
            ...groups.map((group) => tableOfEntity(group.type, group.id)),
          ]
      ).filter(({ isEmpty }) => !isEmpty),
      few: undefined,
      many: new Map(),
      roleSet: undefined,
    }
  }

  function plainGrants(type: string, isOpen: boolean): SubjectGrants {
    const known = isOpen ? plain.open : plain.closed
    const found = known.get(type)
    if (found !== undefined) return found
    const table = tableOfType(type)
    const tables = table.isEmpty ? [] : [table]
    const grants = toKept({ isOpen, tables, few: undefined, many: new Map(), roleSet: undefined })
    known.set(type, grants)
    return grants
  }

  function remember(type: string, id: string, grants: SubjectGrants): void {
    if (remembered === MAX_REMEMBERED) {
      for (const ofType of known.values()) ofType.clear()
      tables.clear()
      remembered = 0
    }
    remembered += 1
    const ofType = known.get(type) ?? new Map<string, SubjectGrants>()
    known.set(type, ofType.set(id, grants))
  }

  /** Tables of groups, types and everybody stay, but for those that a change is about. */
  function follow(next: EntityStore, { entities: changed, targets, reachesAll }: FollowedChanges): void {
    store = next
    for (const target of targets) {
      if (target === '*') shared.clear()
      else if ('id' in target) tables.get(target.type)?.delete(target.id)
      else if ('type' in target) shared.delete(target.type)
    }
    if (reachesAll) forgetSubjects()
    else for (const ref of [...changed, ...targets]) forgetSubject(ref)
  }

  function forgetSubject(target: TargetRecord): void {
    if (target === '*' || !('id' in target)) return
    if (known.get(target.type)?.delete(target.id) === true) remembered -= 1
  }

  function forgetSubjects(): void {
    for (const ofType of known.values()) ofType.clear()
    plain.open.clear()
    plain.closed.clear()
    remembered = 0
  }

  /** What is asked about again and again keeps what it comes to. */
  function toKept(grants: SubjectGrants): SubjectGrants {
    const { tables, isOpen } = grants
    const isPlain = !isOpen && toHolders?.length === 0 && tables.every(isEverywhere)
    const roles = isPlain ? new Set(tables.flatMap(({ everywhere }) => everywhere.roles)) : undefined
    return {
      ...grants,
      few: Array.from({ length: FEW }, () => undefined),
      roleSet: roles === undefined ? undefined : sources.setOf([...roles]),
    }
  }

  return { grantsOf, grantsBelow, toHolders, follow }
}

function isEverywhere({ everywhere, onTypes, onEntities }: GrantTable): boolean {
  return everywhere.timed.length + everywhere.conditional.length + onTypes.size + onEntities.size === 0
}

/** So many questions are looked up without a Map. */
const FEW = 16

function findRolesToHolders({
  store,
  roles,
  writtenToHolders,
}: AssignmentSources): readonly number[] | undefined {
  if (store.rolesToHolders === undefined) return undefined
  const names = [...writtenToHolders, ...store.rolesToHolders]
  return [...new Set(names.map((name) => roles.get(name)?.index ?? UNDECLARED))]
}

function buildTable(rows: readonly AssignmentRecord[], roles: ReadonlyMap<string, RoleSite>): GrantTable {
  if (rows.length === 0) return EMPTY
  const everywhere = createGrants()
  const onTypes = new Map<string, Grants>()
  const onEntities = new Map<string, Map<string, Grants>>()
  const grantsOn = ({ on }: AssignmentRecord): Grants => {
    if (on === '*') return everywhere
    if (!('id' in on)) return entryOf(onTypes, on.type, createGrants)
    return entryOf(entryOf(onEntities, on.type, createMap), on.id, createGrants)
  }
  for (const row of rows) addRow(grantsOn(row), row, roles.get(row.role))
  return { everywhere, onTypes, onEntities, isEmpty: false }
}

function addRow(grants: Grants, { expires }: AssignmentRecord, site: RoleSite | undefined): void {
  if (site === undefined) grants.conditional.push(UNDECLARED)
  else if (site.isConditional) grants.conditional.push(site.index)
  else {
    const until = readExpiry(expires)
    if (until === undefined) grants.roles.push(site.index)
    else if (typeof until === 'number') grants.timed.push({ role: site.index, until })
    else grants.conditional.push(site.index)
  }
}

function createGrants(): Grants {
  return { roles: [], timed: [], conditional: [] }
}

function createMap(): Map<string, Grants> {
  return new Map()
}

function entryOf<T>(entries: Map<string, T>, key: string, create: () => T): T {
  const entry = entries.get(key) ?? create()
  entries.set(key, entry)
  return entry
}
